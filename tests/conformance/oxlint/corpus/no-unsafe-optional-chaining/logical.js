export function go(a, b) {
  (a?.b || a?.c).d;
  (a?.b && a.c).d;
  (b ? a?.b : a.c).d;
  (a?.b ?? a?.c).d;
  (a?.b ?? a.c).d;
  (a?.b || {}).d;
  return (b, a?.b).d;
}
