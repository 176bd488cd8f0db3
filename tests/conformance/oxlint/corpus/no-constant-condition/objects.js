export function go(a) {
  if ({}) a();
  if ([]) a();
  if (() => {}) a();
  if (function () {}) a();
  if (class {}) a();
  if (/x/) a();
  if (new Map()) a();
  if (`x`) a();
}
