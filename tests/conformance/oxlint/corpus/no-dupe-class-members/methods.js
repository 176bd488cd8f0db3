export class Client {
  go() {}
  go() {}
  'stop'() {}
  stop() {}
  static go() {}
  get name() {
    return 1;
  }
  set name(value) {
    this.x = value;
  }
  ['x']() {}
  x() {}
  [1]() {}
  1() {}
}
