export const go = () => {
  const inner = () => {
    return 1;
    console.log('never');
  };
  return inner;
};
