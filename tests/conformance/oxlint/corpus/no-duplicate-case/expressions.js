export function go(kind, table) {
  switch (kind) {
    case table.a:
      return 1;
    case table. a:
      return 2;
    case table.f(1):
      return 3;
    case table.f(1):
      return 4;
    case table.f(2):
      return 5;
  }
  return 6;
}
