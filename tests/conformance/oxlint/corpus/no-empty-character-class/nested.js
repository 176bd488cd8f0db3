export const a = /[a[]]/v;
export const b = /a[]b[]/;
export const c = /[^]|[]/u;
