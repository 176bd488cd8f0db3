export function go(a) {
  if (a === -0) return 1;
  if (-0 < a) return 2;
  if (a === 0) return 3;
  return Object.is(a, -0);
}
