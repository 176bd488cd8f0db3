export const table = {
  set name(value) {},
  get name() {
    return 1;
  },
};
