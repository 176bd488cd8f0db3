export const go = function named() {
  return 1;
};
export const made = class Named {};
