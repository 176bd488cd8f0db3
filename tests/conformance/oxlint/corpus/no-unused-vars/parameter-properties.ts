export class Client {
  constructor(
    private readonly token: string,
    host: string,
  ) {}
}
