export function go(x) {
  return 1;
  if (x) {
    x();
  }
  for (const y of x) {
    y();
  }
  let z;
  {
    x(z);
  }
  label: x();
}
