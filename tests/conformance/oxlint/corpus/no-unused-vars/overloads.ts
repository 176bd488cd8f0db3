export function go(value: string): string;
export function go(value: number): number;
export function go(value: unknown): unknown {
  return value;
}
