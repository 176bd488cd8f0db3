export const a = /[\x00-\x1f]/;
export const b = /\cA/;
export const c = new RegExp('\\x00', 'u');
