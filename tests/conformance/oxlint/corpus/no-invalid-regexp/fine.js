export const a = new RegExp('[a-z]+', 'gi');
export const b = (pattern) => new RegExp(pattern);
export const c = (RegExp) => new RegExp('[');
export const d = new RegExp('(?<year>\\d{4})', 'd');
