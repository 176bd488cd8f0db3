export function go(items) {
  for (const item of items) {
    return 1;
  }
  for (const item of items) return 1;
  for (var key in items) {
    return 2;
  }
}
