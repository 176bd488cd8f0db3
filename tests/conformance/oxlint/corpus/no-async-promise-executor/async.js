export const a = new Promise(async (resolve) => resolve(1));
export const b = new Promise(async function (resolve) {
  resolve(1);
});
export const c = new Promise((resolve) => resolve(1));
export const d = new Promise((async (resolve) => resolve(1)));
export const e = new Other(async () => 1);
