export const good = {
  get a() {
    return 1;
  },
  set a(value) {
    this.b = value;
  },
};
export const bad = {
  get a() {
    return 1;
  },
  a: 2,
};
