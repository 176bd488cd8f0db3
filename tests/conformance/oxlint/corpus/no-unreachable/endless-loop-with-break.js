export function go(next) {
  while (true) {
    if (next()) break;
  }
  console.log('here');
  for (;;) {
    if (next()) break;
  }
  return 1;
}
