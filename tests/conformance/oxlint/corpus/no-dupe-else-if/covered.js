export function go(a, b, c) {
  if (a || b) return 1;
  else if (a) return 2;
  if (a) return 3;
  else if (a && b) return 4;
  if (a) return 5;
  else if (b) return 6;
  else if (a || b) return 7;
  if (a === 1) return 8;
  else if (a === 1) return 9;
  if (a && b) return 10;
  else if (a) return 11;
  if (a) return 12;
  else if (a || c) return 13;
  return c;
}
