const table = {};
table.a = 1;
let b = 1;
b = 2;
export function go(table) {
  table = 1;
  return [table, b];
}
