export class Client {
  #unused = 1;
  #used = 2;
  #written = 3;
  #method() {}
  go() {
    this.#written = 4;
    return this.#used;
  }
}
