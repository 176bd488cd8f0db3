type Unused = string;
interface Nothing {
  a: string;
}
type Used = number;
export type Exported = Used;
export const go = (value: Used) => value;
