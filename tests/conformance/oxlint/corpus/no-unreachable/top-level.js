throw new Error('x');
export const after = 1;
export function later() {}
later();
