export function go(a) {
  debugger;
  if (a) debugger;
  return { debugger: 1 };
}
