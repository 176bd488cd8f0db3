import { Promise } from './promise';
export const a = new Promise(async (resolve) => resolve(1));
