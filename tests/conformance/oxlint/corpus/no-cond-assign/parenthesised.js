export function go(a, b) {
  if ((a = b)) return 1;
  while ((a = b()) !== null) return 2;
  do b(); while ((a = 1));
  for (; (a = b); ) return 3;
  return ((a = b)) ? 1 : a;
}
