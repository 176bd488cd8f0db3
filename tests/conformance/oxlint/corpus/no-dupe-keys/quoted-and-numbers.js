export const table = { 'a': 1, a: 2, 1: 3, '1': 4, 0x1: 5, 1n: 6 };
