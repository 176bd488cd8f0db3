// The caller's side of what no HTTP request can carry: methods, named entrypoints and Durable Objects of another script.

/**
 * Calls `use` with an entrypoint of the script that a binding names. The platform says where it is, and keeps its process
 * for as long as the body of that answer is open.
 */
export async function reach(env, { binding, outbound, object }, use) {
  const answer = await env.GATE.fetch("http://gate/", { cf: { patchbay: { binding, outbound, connect: true } } });
  await rethrow(env, answer);
  const place = answer.headers.get(`${env.MARK}-place`);
  if (place === null) throw new Error(`The platform could not reach the script: ${await answer.text()}`);
  try {
    const { socket, facts } = JSON.parse(place);
    const props = { facts, object };
    return await use(env.RUNTIMES.connect(`unix:${socket}`).getEntrypoint("router", "Called", props));
  } finally {
    await answer.body.cancel();
  }
}

/** Throws what the platform, or the script behind it, threw. */
export async function rethrow(env, answer) {
  if (!answer.headers.has(`${env.MARK}-thrown`)) return;
  const { name, message } = await answer.json();
  throw Object.assign(new Error(message), { name });
}
