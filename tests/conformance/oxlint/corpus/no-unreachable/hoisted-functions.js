export function go() {
  return helper();
  function helper() {
    return 1;
  }
}
