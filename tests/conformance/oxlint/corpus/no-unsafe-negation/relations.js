export function go(a, b) {
  if (!a in b) return 1;
  if (!a instanceof b) return 2;
  if (!(a in b)) return 3;
  if (!(a instanceof b)) return 4;
  if ((!a) in b) return 5;
  return !a === b;
}
