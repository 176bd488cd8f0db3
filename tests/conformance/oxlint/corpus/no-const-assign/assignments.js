const a = 1;
const { b, c: [d] } = { b: 1, c: [1] };
a = 2;
a += 1;
b++;
({ x: d } = { x: 2 });
[a] = [1];
export default [a, b, d];
