export async function go(a) {
  (await a?.b).c;
  (await a?.b)();
  const { d } = await a?.b;
  return [d, (await a?.b)?.c];
}
