export function go(a, i) {
  for (i = 0; i < 10; i--) a(i);
  for (let j = 0n; j < 10n; j--) a(j);
  for (let k = 0; k < 10; k -= a) a(k);
  for (let l = 0; l < 10; l += 0) a(l);
  for (let m = 10; m > 0; m -= 1.5) a(m);
  for (let n = 0; n < 10; n -= 1.5) a(n);
  for (let o = 0; (o < 10); o--) a(o);
}
