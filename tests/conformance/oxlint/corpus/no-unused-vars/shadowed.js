const value = 1;
export function go() {
  const value = 2;
  return value;
}
