export function go(open: () => Disposable) {
  using handle = open();
}
