export function go(a, b) {
  const all = [...a?.b];
  const { c } = a?.c;
  const [d] = a?.d;
  new (a?.b)();
  1 in a?.b;
  b instanceof a?.B;
  for (const e of a?.e) b(e);
  b(...a?.f);
  return [all, c, d, { ...a?.b }];
}
