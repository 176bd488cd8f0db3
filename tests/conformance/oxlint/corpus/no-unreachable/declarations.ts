export function go() {
  return new Late();
  class Late {}
  enum Kind {
    A,
  }
  interface Shape {
    a: Kind;
  }
  function later(): Shape {
    return { a: Kind.A };
  }
  later();
}
