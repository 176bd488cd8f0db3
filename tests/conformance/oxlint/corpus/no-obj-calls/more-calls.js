const math = Math;
export const a = math();
export const b = Math?.();
export const c = new globalThis.JSON();
export const d = self.Math();
