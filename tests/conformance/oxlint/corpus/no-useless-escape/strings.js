export const a = 'a\d';
export const b = "it\'s";
export const c = 'it\'s';
export const d = `a\`b\${c}`;
export const e = `\d`;
export const f = '\n\t\\\x41\u0041\0';
export const g = '\"';
export const h = `a\#`;
export const i = '\
';
export const j = String.raw`\d`;
