export function go(a) {
  if (a) {
    return 1;
  } else {
    throw new Error('x');
  }
  return 2;
}
