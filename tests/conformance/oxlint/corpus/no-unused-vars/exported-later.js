const a = 1;
const b = 2;
function c() {}
export { a, c as d };
export default b;
