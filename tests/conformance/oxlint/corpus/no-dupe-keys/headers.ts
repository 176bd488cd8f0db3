export const init: RequestInit = {
  method: 'POST',
  headers: { accept: 'a', Accept: 'b', 'content-type': 'c', 'content-type': 'd' },
};
