// Standard Webhooks: version 1 against the library of the specification, and the asymmetric version 1a, which that library
// does not have, step by step as the specification says.
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { agree, now, withHeaders } from './agreement.js';

agree({
  provider: 'standard-webhooks',
  library: 'standardwebhooks',
  accepts({ headers, text }, secret) {
    return typeof new Webhook(secret).verify(text, headers) === 'object';
  },
  signs(request, secret) {
    const timestamp = now();
    const id = request.headers['webhook-id'];
    const signature = new Webhook(secret).sign(id, new Date(timestamp * 1000), request.text);
    return withHeaders(request, { 'webhook-timestamp': String(timestamp), 'webhook-signature': signature });
  },
});

/** What stands before the 32 bytes of a private Ed25519 key in PKCS#8. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

function privateKey(secret) {
  const seed = Buffer.from(secret.replace(/^whsk_/, ''), 'base64');
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}

const message = ({ headers, text }, timestamp = headers['webhook-timestamp']) =>
  Buffer.from(`${headers['webhook-id']}.${timestamp}.${text}`);

agree({
  provider: 'standard-webhooks',
  library: 'node:crypto (v1a)',
  secret: `whsk_${Buffer.alloc(32, 7).toString('base64')}`,
  other: `whsk_${Buffer.alloc(32, 8).toString('base64')}`,
  accepts(request, secret) {
    const publicKey = createPublicKey(privateKey(secret));
    const entries = request.headers['webhook-signature'].split(' ').map((entry) => entry.split(','));
    const signatures = entries.filter(([version]) => version === 'v1a').map(([, text]) => Buffer.from(text, 'base64'));
    return signatures.some((signature) => verify(null, message(request), publicKey, signature));
  },
  signs(request, secret) {
    const timestamp = String(now());
    const signature = sign(null, message(request, timestamp), privateKey(secret)).toString('base64');
    return withHeaders(request, { 'webhook-timestamp': timestamp, 'webhook-signature': `v1a,${signature}` });
  },
});
