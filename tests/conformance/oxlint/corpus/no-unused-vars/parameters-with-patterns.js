export function go({ a, b }, [c, d], e = 1, ...rest) {
  return a + c;
}
export function all({ a, b }, [c, d], e = 1, ...rest) {
  return a + b + c + d + e + rest.length;
}
