export function go(event) {
  const { token, ...rest } = event;
  return rest;
}
export function gone(event) {
  const { token, ...rest } = event;
  return token;
}
