export const good = { __proto__: null, ['__proto__']: 1 };
export const bad = { go() {}, go: 1, go: 2 };
export const nested = { a: { a: 1 }, b: { a: 1 } };
