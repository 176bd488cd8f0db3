export const a = ({ b } = a?.c) => b;
export const d = ([e = d?.f] = []) => e;
export const g = ({ h: { i } = g?.j }) => i;
