export function go(list) {
  return [list.indexOf(NaN), list.lastIndexOf(Number.NaN), list.includes(NaN)];
}
