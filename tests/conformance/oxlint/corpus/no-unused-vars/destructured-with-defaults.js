export function go(event) {
  const { a = 1, b: { c } = {}, d: renamed } = event;
  return c;
}
