import { a as NaN } from './a';
export const go = ({ Infinity }) => [Infinity, NaN];
export class globalThis {}
