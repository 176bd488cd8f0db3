export function go(a) {
  try {
    return a();
  } catch (error) {
    error.name = 'x';
    const inner = (error) => (error = 1);
    return inner;
  }
}
