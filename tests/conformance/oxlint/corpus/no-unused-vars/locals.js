export function go(request) {
  const url = new URL(request.url);
  let count = 0;
  var total;
  const { pathname, search } = new URL(request.url);
  return search;
}
