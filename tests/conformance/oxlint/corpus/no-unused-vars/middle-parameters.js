export function go(a, b, c) {
  return b;
}
export function defaulted(a = 1, b = 2, c) {
  return c;
}
