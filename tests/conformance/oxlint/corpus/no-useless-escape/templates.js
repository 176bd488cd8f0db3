const a = 1;
export const b = `${a}\d${a}\$`;
export const c = `$\{a}\{`;
export const d = `\${a}\\ \u0041`;
export const e = `${`\'`}`;
export const f = '\a';
export const g = '\🦊';
