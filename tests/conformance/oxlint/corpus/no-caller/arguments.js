export function go() {
  return arguments.length;
}
