export function go(a) {
  do {
    a();
  } while (false);
  for (; false; ) a();
  for (let i = 0; i < 2; i++) a(i);
}
