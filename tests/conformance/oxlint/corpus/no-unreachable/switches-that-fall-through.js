export function go(x) {
  switch (x) {
    default: {
      return 1;
    }
    case 1:
      x();
      return 2;
  }
  x();
}
export function endless(x) {
  switch (x) {
    case 1:
      return 1;
    case 2:
      while (true) x();
    default:
      throw x;
  }
  x();
}
