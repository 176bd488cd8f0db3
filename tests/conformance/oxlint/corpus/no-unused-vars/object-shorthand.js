const token = 'a';
const other = 'b';
export default { token };
