export class Client {
  static {}
  static {
    Client.x = 1;
  }
  static {
    // Nothing to do.
  }
}
