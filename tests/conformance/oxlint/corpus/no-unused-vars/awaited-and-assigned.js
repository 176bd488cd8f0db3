export async function go(request) {
  let body;
  try {
    body = await request.json();
  } catch {
    return null;
  }
  let answer = await fetch('https://a.example');
  answer = null;
  return 1;
}
