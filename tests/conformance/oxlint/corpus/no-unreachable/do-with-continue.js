export function go(x) {
  do {
    if (x()) continue;
    return 1;
  } while (x());
  x();
}
