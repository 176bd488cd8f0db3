export const a = new RegExp('[');
export const b = RegExp('(');
export const c = new RegExp('a', 'z');
export const d = new RegExp('a', 'gg');
export const e = new RegExp('a', 'u');
export const f = (pattern) => new RegExp(pattern, 'z');
export const g = new RegExp('\\');
export const h = new RegExp('a', 'uv');
