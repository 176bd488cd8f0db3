export function go(a: () => void) {
  if (true as boolean) a();
  if ((1)!) a();
}
