export function go(a?: { b?: { c: number } }) {
  const first = (a?.b!).c;
  const second = (a?.b as { c: number }).c;
  return [first, second, a?.b!.c];
}
