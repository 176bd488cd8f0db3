export function go(a, step) {
  for (let i = 0; i < 10; i++) a(i);
  for (let i = 10; i > 0; i--) a(i);
  for (let i = 0; i < 10; i += step) a(i);
  for (let i = 0; i < 10; ) a(i++);
  for (let i = 0, j = 9; i < 10; j--) a(i, j);
  for (let i = 0; i !== 10; i--) a(i);
  for (let i = 0; i < 10; i -= -1) a(i);
}
