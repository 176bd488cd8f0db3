export function go(items) {
  outer: for (const item of items) {
    try {
      item();
    } finally {
      inner: for (const one of item) {
        if (one) break inner;
        if (item) continue outer;
        break outer;
      }
    }
  }
}
