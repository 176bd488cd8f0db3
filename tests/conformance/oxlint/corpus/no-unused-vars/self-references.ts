class Client {
  make() {
    return Client;
  }
}
type Left = { next: Left };
interface Tree {
  next: Tree;
}
const again = function () {
  again();
};
const later = async () => {
  await later();
};
export const table = {
  make() {
    return table;
  },
};
