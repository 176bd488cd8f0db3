export function go(a) {
  if (!true) a();
  if (typeof a) a();
  if (void 0) a();
  if (-1) a();
  if (1 + 1) a();
  if (a || true) a();
  if (a && false) a();
  if (a || false) a();
  if (a && true) a();
  if (true || a) a();
  if (typeof a === 'x') a();
  if ((a, 1)) a();
  if ((1, a)) a();
}
