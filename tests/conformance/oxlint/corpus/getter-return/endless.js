export class Table {
  get endless() {
    while (true) {
      this.go();
    }
  }
}
