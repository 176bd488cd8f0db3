export function go(items) {
  for (const item of items) {
    item = 1;
  }
  for (const i = 0; i < 2; i++) {
    items(i);
  }
  for (const item in items) items(item);
}
