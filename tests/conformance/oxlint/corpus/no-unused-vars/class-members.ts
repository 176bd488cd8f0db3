export class Client {
  constructor(
    private token: string,
    host: string,
  ) {}
  set name(value: string) {}
  go(payload: string) {}
  more<T>(): void {}
}
