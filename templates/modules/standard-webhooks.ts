// Senders that follow Standard Webhooks: is this request from somebody who knows the secret?
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
import { parseObject, readBody } from './body';
import type { Sender } from './deliveries';
import { misconfigured, setting } from './errors';
import { fromBase64, invalidSignature, isHmac, isRecent } from './signature';

/** While a sender changes its secret it signs with two. More than a few would only cost time. */
const MOST_SIGNATURES = 8;

/** Events with a JSON object as their body. `secret` is the binding WEBHOOK_SECRET: `whsec_` and base64. */
export function standardWebhooks(secret: string | undefined): Sender<Record<string, unknown>> {
  return {
    name: 'standard-webhooks',
    // Senders are advised to wait 15 seconds at least.
    answerWithinMs: 12_000,
    async read(request) {
      const bytes = await readBody('Standard Webhooks', request);
      const id = await verify(bytes, request.headers, secret);
      const document = parseObject(bytes, 'JSON objects');
      return { kind: 'events', events: [{ id, document, about: id }] };
    },
    // The standard knows no answer that stops repetitions, apart from 410, which ends the whole subscription.
    refused: (error) => error.toResponse(),
  };
}

/** The id of the verified message, which is the same when it is sent again. */
export async function verify(bytes: Uint8Array, headers: Headers, secret: string | undefined): Promise<string> {
  const key = fromBase64(setting('WEBHOOK_SECRET', secret).replace(/^whsec_/, ''));
  if (!key) throw misconfigured('WEBHOOK_SECRET is not whsec_ and base64; copy it again from the sender');
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map(
    (name) => headers.get(`webhook-${name}`) ?? '',
  ) as [string, string, string];
  if (!id || !signatures || !/^[1-9]\d{0,14}$/.test(timestamp)) {
    throw invalidSignature('The headers webhook-id, webhook-timestamp and webhook-signature are not all there');
  }
  if (!isRecent(Number(timestamp))) {
    throw invalidSignature('The webhook-timestamp is more than five minutes away from now');
  }
  for (const entry of signatures.split(' ').slice(0, MOST_SIGNATURES)) {
    const signature = entry.startsWith('v1,') ? fromBase64(entry.slice(3)) : undefined;
    if (signature && (await isHmac('SHA-256', key, signature, `${id}.${timestamp}.`, bytes))) return id;
  }
  throw invalidSignature('No webhook-signature of version v1 matches this body');
}
