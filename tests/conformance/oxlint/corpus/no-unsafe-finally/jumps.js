export function go(a) {
  try {
    return a();
  } finally {
    return 1;
  }
}
export function thrown(a) {
  try {
    return a();
  } finally {
    throw new Error('x');
  }
}
