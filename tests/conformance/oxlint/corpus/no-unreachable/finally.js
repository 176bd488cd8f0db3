export function go(a) {
  try {
    a();
  } finally {
    return 1;
  }
  console.log('never');
}
export function on(a) {
  try {
    return a();
  } finally {
    console.log('here');
  }
}
