class Client {}
Client = 1;
class Other {
  go() {
    Other = 1;
  }
}
const Named = class Inner {
  go() {
    Inner = 1;
  }
};
let Free = class {};
Free = 1;
export default [Client, Other, Named, Free];
