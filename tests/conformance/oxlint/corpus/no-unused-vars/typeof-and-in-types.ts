const table = { a: 1 };
const keys = ['a'] as const;
export type Key = keyof typeof table;
export type Name = (typeof keys)[number];
