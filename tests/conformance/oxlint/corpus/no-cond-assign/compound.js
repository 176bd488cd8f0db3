export function go(a, b) {
  if (a += b) return 1;
  if ((a ??= b)) return 2;
  while (a ||= b()) return 3;
  return a;
}
