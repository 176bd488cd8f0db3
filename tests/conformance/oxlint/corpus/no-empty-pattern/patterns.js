export function go({}, []) {
  const {} = go;
  const [] = go;
  const { a: {} } = go;
  const { b: [] = [] } = go;
  const { c = {} } = go;
  return c;
}
export const arrow = ({}) => 1;
export const defaulted = ({} = {}) => 1;
