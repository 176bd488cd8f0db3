export function go(a) {
  do {
    return 1;
  } while (a);
  console.log('never');
}
