export function go(a) {
  let b, c;
  ({ b } = a?.d);
  [c] = a?.d;
  ({ b = a?.x } = {});
  class More extends a?.B {}
  `${a?.b}`.length;
  (a?.b)`x`;
  return [b, c, More];
}
