export function go(next) {
  while (true) {
    next();
  }
  console.log('never');
}
export function bare(next) {
  for (;;) {
    next();
  }
  console.log('never');
}
