export function go(a) {
  if (a === NaN) return 1;
  if (NaN != a) return 2;
  if (a < NaN) return 3;
  if (a === Number.NaN) return 4;
  if (Number['NaN'] == a) return 5;
  if (Number.isNaN(a)) return 6;
  if (a + NaN) return 7;
  return Object.is(a, NaN);
}
