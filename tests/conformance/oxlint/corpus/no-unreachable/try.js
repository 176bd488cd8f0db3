export function go(a) {
  try {
    return a();
  } catch {
    return 1;
  }
  console.log('never');
}
export function on(a) {
  try {
    return a();
  } catch {
    console.log('x');
  }
  return 2;
}
