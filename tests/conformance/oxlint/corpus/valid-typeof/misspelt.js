export function go(a) {
  if (typeof a === 'strnig') return 1;
  if (typeof a == 'undefimed') return 2;
  if ('nunber' != typeof a) return 3;
  if (typeof a === 'string') return 4;
  if (typeof a === 'bigint') return 5;
  return typeof a === 'symbol';
}
