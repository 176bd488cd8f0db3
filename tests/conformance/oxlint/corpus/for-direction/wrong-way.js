export function go(a) {
  for (let i = 0; i < 10; i--) a(i);
  for (let i = 10; i > 0; i++) a(i);
  for (let i = 0; i <= 10; i -= 1) a(i);
  for (let i = 10; i >= 0; i += 1) a(i);
  for (let i = 0; 10 > i; i--) a(i);
  for (let i = 0; i < 10; i += -1) a(i);
}
