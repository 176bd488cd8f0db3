const Object = { defineProperty: (...all) => all };
export const table = Object.defineProperty({}, 'a', { get() {} });
