export const first = (a) => (b) => a;
export const second = (a) => (b) => b;
