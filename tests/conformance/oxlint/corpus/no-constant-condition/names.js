const flag = true;
export function go(a) {
  if (flag) a();
  if (undefined) a();
  if (Boolean(1)) a();
  if (Boolean(a)) a();
  if (a) a();
  if (a.b) a();
  if (a()) a();
}
