const key = 'a';
export const good = { [key]: 1, a: 2, [key]: 3 };
export const bad = { ['a']: 1, a: 2 };
