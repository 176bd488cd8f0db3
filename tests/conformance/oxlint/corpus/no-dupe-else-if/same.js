export function go(a, b) {
  if (a) {
    return 1;
  } else if (b) {
    return 2;
  } else if (a) {
    return 3;
  }
  return 4;
}
