import { eval as evaluate } from './evaluate';
export const a = evaluate('1');
export const b = (table) => table.eval('1');
