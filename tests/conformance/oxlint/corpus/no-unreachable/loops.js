export function go(items) {
  for (const item of items) {
    if (item) continue;
    break;
    console.log('never');
  }
  while (items.length) {
    continue;
    console.log('never');
  }
  return 1;
}
