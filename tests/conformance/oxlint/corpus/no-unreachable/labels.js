export function go(items) {
  outer: for (const item of items) {
    for (const inner of item) {
      if (inner) continue outer;
      break outer;
      console.log('never');
    }
  }
  block: {
    if (items) break block;
    return 1;
  }
  return 2;
}
