export class Client {
  static {
    throw new Error('x');
    Client.go();
  }
}
Client.go();
