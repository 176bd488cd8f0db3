export const a = /^abc[]/;
export const b = /[]/.test('a');
export const c = /[^]/;
export const d = /[a]/;
export const e = /\[]/;
export const f = /[[]/;
export const g = /[a--b]/v;
export const h = /[[]]/v;
