export class Client {
  static a = 1;
  a = 2;
  static b() {}
  static b() {}
  get c() {
    return 1;
  }
  get c() {
    return 2;
  }
  set d(value) {
    this.a = value;
  }
  set d(value) {
    this.a = value;
  }
}
