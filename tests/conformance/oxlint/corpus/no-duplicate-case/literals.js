export function go(kind) {
  switch (kind) {
    case 'a':
      return 1;
    case 'b':
      return 2;
    case 'a':
      return 3;
  }
  return 4;
}
