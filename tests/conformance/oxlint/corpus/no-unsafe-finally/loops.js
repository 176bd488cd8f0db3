export function go(items) {
  for (const item of items) {
    try {
      item();
    } finally {
      break;
    }
  }
  for (const item of items) {
    try {
      item();
    } finally {
      continue;
    }
  }
}
