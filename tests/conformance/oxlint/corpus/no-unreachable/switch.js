export function go(kind) {
  switch (kind) {
    case 1:
      return 1;
      break;
    case 2:
      throw new Error('x');
    default:
      return 3;
  }
  console.log('never');
}
