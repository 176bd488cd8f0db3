export const table = Object.defineProperty({}, 'a', { get() {} });
export const more = Object.defineProperty({}, 'a', { get: () => {} });
export const good = Object.defineProperty({}, 'a', { get: () => 1 });
export const all = Object.defineProperties({}, { a: { get() {} } });
export const made = Object.create({}, { a: { get() {} } });
export const reflected = Reflect.defineProperty({}, 'a', { get: function () {} });
