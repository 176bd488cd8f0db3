export function* go() {
  return 1;
}
export function* good() {
  yield 1;
}
export function* empty() {}
export const table = {
  *none() {
    return 1;
  },
  *some() {
    yield* [];
  },
};
export class Client {
  async *pages() {
    return 1;
  }
}
export function* nested() {
  function* inner() {
    yield 1;
  }
  return inner;
}
