export function go(items) {
  let last;
  for (const item of items) {
    last = item;
  }
  let count = 0;
  count++;
  let sum = 0;
  sum += 2;
  let next = 1;
  next = next + 1;
  return items;
}
