export const table = { a: 1, b: 2, c: 3, a: 4, b: 5, a: 6, d: { d: 1, d: 2 } };
