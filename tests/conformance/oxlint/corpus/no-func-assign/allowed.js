let go = function () {};
go = 1;
const named = function inner() {
  inner = 1;
};
function shadowed(shadowed) {
  shadowed = 1;
  return shadowed;
}
export default [go, named, shadowed];
