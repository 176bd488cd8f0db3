export function go() {
  return 1;
  type Later = string;
}
