export function go(kind) {
  switch (kind) {
    case 1:
      break;
    default:
      return 3;
  }
  console.log('here');
  switch (kind) {
    case 1:
      return 1;
  }
  return 2;
}
