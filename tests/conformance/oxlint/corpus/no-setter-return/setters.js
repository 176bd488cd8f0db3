export const table = {
  set a(value) {
    return value;
  },
  set b(value) {
    if (!value) return;
    this.x = value;
  },
  get a() {
    return 1;
  },
};
export class Table {
  set a(value) {
    return value;
  }
  static set b(value) {
    const inner = () => {
      return value;
    };
    this.x = inner;
  }
}
