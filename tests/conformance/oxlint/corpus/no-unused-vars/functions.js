function unused() {
  return 1;
}
function recursive(n) {
  return n > 0 ? recursive(n - 1) : 0;
}
function used() {
  return 2;
}
const arrow = () => 3;
export default { fetch: () => used() };
