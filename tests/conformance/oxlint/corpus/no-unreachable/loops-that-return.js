export function go(x) {
  for (const y of x) {
    return y;
  }
  x();
  while (x) {
    return 1;
  }
  x();
  for (;;) {
    return 1;
  }
  x();
}
