export function first(request, env, ctx) {
  return env;
}
export function last(request, env) {
  return request;
}
export function none(request) {
  return 1;
}
export const arrow = (request, env) => request;
export default {
  async fetch(request, env, ctx) {
    return request;
  },
};
