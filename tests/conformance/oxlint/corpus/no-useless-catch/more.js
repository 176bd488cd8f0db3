export async function go(a) {
  try {
    return await a();
  } catch (error) {
    throw error;
    a();
  }
}
export async function typed(a) {
  try {
    return await a();
  } catch (error) {
    {
      throw error;
    }
  }
}
