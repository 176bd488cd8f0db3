export function go() {
  try {
    return 1;
  } catch (error) {
    return 2;
  }
}
export function bare() {
  try {
    return 1;
  } catch {
    return 2;
  }
}
export function used() {
  try {
    return 1;
  } catch (error) {
    return error;
  }
}
