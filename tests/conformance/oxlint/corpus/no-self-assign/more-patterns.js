export function go(a, b, c) {
  [a, , c] = [a, b, c];
  [a = 1] = [a];
  ({ a, ...b } = { a, ...b });
  ({ a } = { ...b, a });
  ({ a } = { a, ...b });
  [a[0]] = [a[0]];
  return [a, b, c];
}
