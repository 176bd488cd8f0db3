export function go(items) {
  let last;
  let count = 0;
  for (const item of items) last = item;
  const id = count++;
  let sum = 0;
  return [last, id, (sum += 2)];
}
