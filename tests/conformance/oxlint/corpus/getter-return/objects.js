export const table = {
  get good() {
    return 1;
  },
  get none() {},
  get bare() {
    return;
  },
  get some() {
    if (this.good) return 1;
  },
  get thrown() {
    throw new Error('x');
  },
  get() {},
};
