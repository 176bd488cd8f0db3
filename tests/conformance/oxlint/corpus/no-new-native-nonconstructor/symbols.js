export const a = new Symbol('a');
export const b = new BigInt(1);
export const c = Symbol('a');
export const d = BigInt(1);
