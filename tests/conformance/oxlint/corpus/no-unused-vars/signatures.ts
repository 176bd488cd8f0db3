export interface Handler {
  handle(request: Request, env: unknown): void;
}
export type Call = (first: string) => void;
export abstract class Base {
  abstract go(name: string): void;
}
export declare function declared(name: string): void;
