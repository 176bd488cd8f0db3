export const a = Object.defineProperty({}, 'b', { set(value) { return value; } });
export const c = Object.defineProperty({}, 'b', { set: (value) => value });
