declare module 'untyped' {
  const value: string;
}
export default {};
