export function go(x) {
  outer: while (true) {
    for (;;) {
      if (x()) break outer;
    }
    x();
  }
  x();
}
