export function go(items) {
  outer: for (const item of items) {
    for (const inner of item) {
      if (inner) continue outer;
    }
  }
  unused: for (const item of items) items(item);
  block: {
    if (items) break block;
  }
  alone: {
    items();
  }
  nested: for (;;) {
    other: for (;;) {
      break nested;
    }
  }
}
