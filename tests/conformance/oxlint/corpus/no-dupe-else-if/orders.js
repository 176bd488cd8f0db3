export function go(a, b, c) {
  if (a && b) return 1;
  else if (b && a) return 2;
  if (a || b) return 3;
  else if (b || a) return 4;
  if (a) return 5;
  else if (a && b && c) return 6;
  if (a && (b || c)) return 7;
  else if ((c || b) && a) return 8;
  if (a) {
    if (a) return 9;
  }
  return 10;
}
