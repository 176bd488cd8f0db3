export function go(items) {
  let timer;
  let last;
  items.then((value) => {
    last = value;
  });
  return () => {
    timer = setTimeout(() => {}, 1);
  };
}
