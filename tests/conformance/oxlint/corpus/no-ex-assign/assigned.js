export function go(a) {
  try {
    return a();
  } catch (error) {
    error = 1;
    return error;
  }
}
export function pattern(a) {
  try {
    return a();
  } catch ({ message }) {
    message = 'x';
    return message;
  }
}
