export function go(a) {
  if (a) {
    return 1;
  } else if (a === 0) {
    throw new Error('x');
  }
  return 2;
}
