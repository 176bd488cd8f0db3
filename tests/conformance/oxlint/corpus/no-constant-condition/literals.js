export function go(a) {
  if (true) a();
  if (0) a();
  if ('') a();
  if (null) a();
  while (1) a();
  return '' ? 1 : 2;
}
