export function go(a) {
  while (true) {
    if (a()) break;
  }
  for (;;) {
    if (a()) break;
  }
}
