export function go(a, b) {
  if (b && (a = b)) return 1;
  if (b || (a = b) === 1) return 2;
  if ((() => (a = b))()) return 3;
  if (a === b) return 4;
  return a;
}
