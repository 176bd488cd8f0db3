export function go(a, b) {
  if (typeof a === b) return 1;
  if (typeof a === typeof b) return 2;
  if (typeof a === undefined) return 3;
  if (typeof a === Object) return 4;
  if (typeof a === null) return 5;
  if (typeof a === `strnig`) return 6;
  if (typeof a === `string`) return 7;
  return typeof a > 'x';
}
