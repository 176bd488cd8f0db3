export class Table {
  get good() {
    return 1;
  }
  get none() {}
  get both() {
    if (this.good) {
      return 1;
    } else {
      return 2;
    }
  }
  static get some() {
    try {
      return 1;
    } catch {
      console.log('x');
    }
  }
  get chosen() {
    switch (this.good) {
      case 1:
        return 1;
      default:
        return 2;
    }
  }
  go() {}
}
