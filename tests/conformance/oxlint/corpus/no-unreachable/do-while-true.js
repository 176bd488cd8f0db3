export function go(x) {
  do {
    x();
  } while (true);
  x();
}
