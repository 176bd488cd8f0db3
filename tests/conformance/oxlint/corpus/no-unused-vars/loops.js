export function go(items, table) {
  for (const item of items) {
    items.length;
  }
  for (const key in table) {
    return table;
  }
  for (let i = 0; ; ) {
    return 1;
  }
}
