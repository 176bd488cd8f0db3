export function* outer() {
  const inner = function* () {
    yield 1;
  };
  return inner;
}
export const made = function* () {
  const go = () => 1;
  return go();
};
