export class Client {
  go(a: string): void;
  go(a: number): void;
  go(a: unknown): void {
    this.last = a;
  }
  last: unknown;
}
