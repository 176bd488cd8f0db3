export function go() {
  return 1;
  console.log('never');
}
