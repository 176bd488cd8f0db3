export function go(a, b) {
  if (a === a) return 1;
  if (a.b == a.b) return 2;
  if (a > a) return 3;
  if (a() !== a()) return 4;
  if (a === b) return 5;
  if (a.b === b.b) return 6;
  if (a + a) return 7;
  return a['x'] <= a['x'];
}
