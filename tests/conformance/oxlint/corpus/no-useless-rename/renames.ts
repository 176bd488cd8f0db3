import { a as a, b as c } from './a';
export function go({ d: d, e: f, 'g': g }: { d: number; e: number; g: number }) {
  return [a, c, d, f, g];
}
export { c as c } from './c';
