export function go(a) {
  let sum = a?.b + 1;
  sum += a?.c;
  return -a?.d + sum;
}
