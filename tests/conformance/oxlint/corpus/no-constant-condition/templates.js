export function go(a) {
  if (`${a}`) a();
  if (`x${a}`) a();
  if (``) a();
}
