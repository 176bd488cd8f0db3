export function go(items) {
  try {
    items();
  } finally {
    for (const item of items) {
      if (item) break;
      continue;
    }
    switch (items) {
      case 1:
        break;
    }
    items.map(() => {
      return 1;
    });
    class Inner {
      go() {
        return 1;
      }
    }
    items(Inner);
  }
}
