export const go = (items) => items.map((item, index) => item).filter((item, index) => index);
export const keep = (items) => items.reduce((sum, item, index) => sum + index, 0);
