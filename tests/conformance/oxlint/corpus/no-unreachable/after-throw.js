export function go() {
  throw new Error('x');
  console.log('never');
  console.log('never either');
}
