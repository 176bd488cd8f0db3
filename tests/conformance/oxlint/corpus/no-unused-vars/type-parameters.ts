export function go<T, U>(value: T): T {
  return value;
}
export type Box<V> = { value: V };
export type Empty<W> = { value: 1 };
