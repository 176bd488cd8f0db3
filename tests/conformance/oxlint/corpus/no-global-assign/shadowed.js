let Object = 1;
Object = 2;
export function go(Array) {
  Array = 1;
  return [Array, Object];
}
