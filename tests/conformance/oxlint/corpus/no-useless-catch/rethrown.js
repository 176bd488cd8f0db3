export function go(a) {
  try {
    return a();
  } catch (error) {
    throw error;
  }
}
export function cleaned(a) {
  try {
    return a();
  } catch (error) {
    throw error;
  } finally {
    a.close();
  }
}
