export function go({ ...rest }, ...more) {}
const { a, ...others } = { a: 1 };
try {
  go();
} catch ({ message }) {
  go();
}
