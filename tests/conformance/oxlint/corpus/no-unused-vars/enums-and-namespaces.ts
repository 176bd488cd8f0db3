enum Unused {
  One,
}
enum Used {
  One,
}
namespace Names {
  export const a = 1;
}
declare const BUILD: string;
export const go = () => Used.One;
