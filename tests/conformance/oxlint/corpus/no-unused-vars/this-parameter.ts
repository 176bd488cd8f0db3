export function go(this: Window, a: string) {
  return 1;
}
