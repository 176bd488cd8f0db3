export function go(x) {
  while (true) {
    try {
      x();
    } catch {
      break;
    }
  }
  x();
}
