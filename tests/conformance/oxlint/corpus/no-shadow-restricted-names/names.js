export function go(undefined) {
  const NaN = 1;
  let Infinity = 2;
  return [undefined, NaN, Infinity];
}
export function unset() {
  let undefined;
  return undefined;
}
export const name = 1;
