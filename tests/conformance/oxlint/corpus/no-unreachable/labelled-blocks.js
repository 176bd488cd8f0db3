export function go(x) {
  outer: {
    while (true) {
      break outer;
    }
    x();
  }
  x();
}
