function go() {
  go = 1;
}
function other() {
  return 1;
}
other = 2;
({ other } = { other: 1 });
export default [go, other];
