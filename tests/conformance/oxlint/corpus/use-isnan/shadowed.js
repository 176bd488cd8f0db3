export function go(a, NaN_, Number) {
  return [a === NaN_, a === Number.NaN];
}
