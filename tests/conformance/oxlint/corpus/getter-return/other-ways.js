export class Table {
  get first() {
    return;
    return 1;
  }
  get second() {
    if (this.x) return;
    return 1;
  }
  get third() {
    return void 0;
  }
  get fourth() {
    try {
      return 1;
    } finally {
      this.x();
    }
  }
  get fifth() {
    try {
      this.x();
    } catch {
      return 1;
    }
  }
  get sixth() {
    const inner = () => {
      return 1;
    };
    inner();
  }
  get seventh() {
    block: {
      break block;
    }
    return 1;
  }
  static get eighth() {}
  get 'ninth'() {}
  get #tenth() {}
  go() {
    return this.#tenth;
  }
}
