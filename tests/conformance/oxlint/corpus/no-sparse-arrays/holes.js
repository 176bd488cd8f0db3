export const a = [1, , 2];
export const b = [,];
export const c = [1, 2,];
export const d = [, , 1];
export const [, e] = [1, 2];
