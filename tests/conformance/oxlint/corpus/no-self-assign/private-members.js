export class Client {
  #a = 1;
  go(other) {
    this.#a = this.#a;
    this.#a = other.#a;
    other.a?.b;
  }
}
