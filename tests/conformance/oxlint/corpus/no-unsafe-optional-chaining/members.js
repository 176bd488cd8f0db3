export function go(a) {
  (a?.b).c;
  (a?.b)();
  (a?.b)[0];
  a?.b.c;
  a?.b();
  (a?.b)?.c;
  return (a?.b ?? {}).c;
}
