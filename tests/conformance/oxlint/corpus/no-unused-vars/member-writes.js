export function go() {
  const table = {};
  table.a = 1;
  const list = [];
  list[0] = 2;
  list.push(3);
}
