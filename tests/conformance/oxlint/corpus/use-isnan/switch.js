export function go(a) {
  switch (a) {
    case NaN:
      return 1;
  }
  switch (NaN) {
    case a:
      return 2;
  }
  return 3;
}
