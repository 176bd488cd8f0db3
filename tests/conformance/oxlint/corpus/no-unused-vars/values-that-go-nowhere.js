export function go(items) {
  let a = 0;
  a = a++;
  let b = 0;
  b -= b;
  let c = 0;
  c ||= 1;
  let d = null;
  d = { d };
  let e = [];
  e = [...e, 1];
  let f = items;
  f = f.next;
  let g = 1;
  (g = g * 2), g++;
}
