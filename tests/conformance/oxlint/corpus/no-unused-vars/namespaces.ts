namespace Inner {
  export const a = 1;
  const b = 2;
}
export namespace Outer {
  const c = 1;
}
declare global {
  interface Shared {
    a: 1;
  }
  const COMMIT: string;
}
