const endless = true;
export function constant(x) {
  if (true) return 1;
  x();
}
export function text(x) {
  while ('x') x();
  x();
}
export function negated(x) {
  while (!0) x();
  x();
}
export function named(x) {
  while (endless) x();
  x();
}
