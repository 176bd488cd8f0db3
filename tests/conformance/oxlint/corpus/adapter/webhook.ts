interface Env {
  SLACK_SIGNING_SECRET: string;
  NOTION_TOKEN: string;
}
type Payload = { type?: string; challenge?: string; event?: { text?: string; user?: string; bot_id?: string } };
const NOTION = 'https://api.notion.com/v1/pages';
async function verify(request: Request, secret: string): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  const signature = request.headers.get('x-slack-signature') ?? '';
  const given = Uint8Array.from(signature.slice(3).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return (await crypto.subtle.verify('HMAC', key, given, bytes)) ? bytes : undefined;
}
export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response | object> {
    const bytes = await verify(request, env.SLACK_SIGNING_SECRET);
    if (!bytes) return new Response('no', { status: 401 });
    const payload: Payload = JSON.parse(new TextDecoder().decode(bytes));
    if (payload.type === 'url_verification') return { challenge: payload.challenge };
    const { text, user, bot_id } = payload.event ?? {};
    if (bot_id) return {};
    ctx.waitUntil(
      fetch(NOTION, { method: 'POST', headers: { authorization: `Bearer ${env.NOTION_TOKEN}` }, body: JSON.stringify({ text, user }) }),
    );
    return { ok: true };
  },
};
