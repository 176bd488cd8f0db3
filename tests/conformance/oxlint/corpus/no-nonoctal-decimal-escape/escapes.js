export const a = '\\8 9';
