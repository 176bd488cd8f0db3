export function go(kind) {
  switch (kind) {
    case 1:
      return 1;
    case '1':
      return 2;
    case 1n:
      return 3;
    case (2):
      return 4;
    case 2:
      return 5;
    default:
      return 6;
  }
}
