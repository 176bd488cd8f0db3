export function go(a, b) {
  [a, b] = [a, b];
  [a, b] = [b, a];
  ({ a, b } = { a, b });
  ({ a: b } = { a: b });
  [a, ...b] = [a, ...b];
  return [a, b];
}
