export class Table {
  get each() {
    for (const item of this.items) {
      return item;
    }
  }
  get once() {
    do {
      return 1;
    } while (this.items);
  }
  get found() {
    while (this.items) {
      return 1;
    }
    throw new Error('x');
  }
}
