export function go(x) {
  try {
    throw x;
    x();
  } catch {
    return 1;
  }
  x();
}
export function cleaned(x) {
  try {
    return x();
  } finally {
    x();
  }
  x();
}
