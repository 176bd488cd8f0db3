const _unused = 1;
export function go(_request, _env) {
  const _local = 1;
  return 2;
}
export function all(_a, b) {
  try {
    return 1;
  } catch (_error) {
    return 2;
  }
}
