export function go(a, b) {
  a = a;
  a = b;
  a &&= a;
  a ||= a;
  a ??= a;
  a += a;
  return a;
}
