export const a = new RegExp('\\d{2,1}');
export const b = new RegExp('(?<a>x)(?<a>y)');
export const c = new RegExp("a\"[", 'g');
export const d = RegExp('\\u{110000}', 'u');
export const e = new RegExp(`[`);
