export function go(items) {
  let a;
  a = items(() => a);
  let b = 1;
  b = Math.max(b, 2);
  let c = 0;
  items((c = c + 1));
  let d = 0;
  if (d++) items();
  let e = 0;
  return (e += 1);
}
