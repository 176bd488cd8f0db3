export function go(Symbol) {
  return new Symbol('a');
}
