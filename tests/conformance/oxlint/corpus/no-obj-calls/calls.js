export const a = Math();
export const b = JSON();
export const c = new Reflect();
export const d = Atomics();
export const e = new Intl();
export const f = globalThis.Math();
export const g = Math.max(1, 2);
export const h = new Intl.NumberFormat();
