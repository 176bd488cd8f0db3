export class Client {
  a = 1;
  a = 2;
  b() {}
  b = 1;
  #c = 1;
  c = this.#c;
  get d() {
    return 1;
  }
  d() {}
}
