enum Unused {
  A,
  B = A,
}
const enum Constant {
  A,
}
export enum Exported {
  A,
}
