export function go() {
  return x;
  var x = 1;
}
