const more = { a: 1 };
export const good = { a: 1, ...more, b: 2 };
export const overridden = { a: 1, ...more, a: 2 };
