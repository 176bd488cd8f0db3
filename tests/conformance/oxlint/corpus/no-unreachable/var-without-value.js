export function go() {
  x = 1;
  return x;
  var x;
}
