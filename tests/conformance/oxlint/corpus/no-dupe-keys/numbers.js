export const table = { 1: 1, 1.0: 2, '01': 3, 0b1: 4, 1e0: 5 };
