export function go(open: () => Disposable) {
  using handle = open();
  return String(handle);
}
export const value: number = 1;
