Object = 1;
undefined = 2;
Array++;
[Promise] = [1];
globalThis.fetch = 1;
fetch = 3;
export default {};
