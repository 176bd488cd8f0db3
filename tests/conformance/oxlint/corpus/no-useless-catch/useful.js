export function go(a) {
  try {
    return a();
  } catch (error) {
    console.error('a failed');
    throw error;
  }
}
export function wrapped(a) {
  try {
    return a();
  } catch (error) {
    throw new Error('a failed', { cause: error });
  }
}
export function pattern(a) {
  try {
    return a();
  } catch ({ message }) {
    throw message;
  }
}
