export function go(pair) {
  const [first, second] = pair;
  const [, only] = pair;
  const [, , third] = pair;
  return [second, only];
}
