export function go(a) {
  let b;
  if ((b = 1)) a(b);
  if ((b = a)) a(b);
  if ((b ||= true)) a(b);
  if ((b &&= 0)) a(b);
  if ((b += 1)) a(b);
}
