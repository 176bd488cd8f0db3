export function* go() {
  while (true) {
    yield 1;
  }
}
