// Graph notifications, which have no library that verifies: learn.microsoft.com, "Set up change notifications that include
// resource data", step by step with node's crypto and a key pair of the subscriber's own.
import assert from 'node:assert/strict';
import {
  constants,
  createDecipheriv,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  verify,
} from 'node:crypto';
import { after, before, test } from 'node:test';
import { samplesOf, Senders } from './bench.js';

const CLIENT_STATE = 'example-client-state';
const APPLICATION = '00000000-0000-4000-8000-0000000000aa';
/** Graph's own application, which every token names. */
const GRAPH = '0bf30f3b-4a52-48df-9a82-234910c4a086';

const subscriber = generateKeyPairSync('rsa', { modulusLength: 2048 });

let senders;
let signed;
before(async () => {
  const settings = {
    application_id: APPLICATION,
    encryption_certificate: subscriber.publicKey.export({ type: 'spki', format: 'pem' }),
  };
  senders = await Senders.open({ graph: { provider: 'graph', secret: CLIENT_STATE, settings } });
  signed = await senders.signAll('graph', samplesOf('graph'));
});
after(() => senders?.close());

const notifications = () => signed.filter(({ request }) => request.body.length > 0);
const rich = () => notifications().filter(({ request }) => JSON.parse(request.text).validationTokens);

const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url'));

/** Whether Entra's keys say that the token is for us, and from Graph. */
function isFromGraph(token, keys) {
  const [header, claims, signature] = token.split('.');
  const { kid, alg } = decoded(header);
  const key = keys.find((key) => key.kid === kid);
  assert.equal(alg, 'RS256');
  const holds = verify(
    'RSA-SHA256',
    Buffer.from(`${header}.${claims}`),
    createPublicKey({ key, format: 'jwk' }),
    Buffer.from(signature, 'base64url'),
  );
  const { aud, appid, exp, nbf } = decoded(claims);
  const now = Date.now() / 1000;
  return holds && aud === APPLICATION && appid === GRAPH && nbf <= now && now < exp;
}

/** The resource in a notification. */
function opened({ dataKey, data, dataSignature }) {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const key = privateDecrypt({ key: subscriber.privateKey, padding, oaepHash: 'sha1' }, Buffer.from(dataKey, 'base64'));
  assert.equal(createHmac('sha256', key).update(data, 'base64').digest('base64'), dataSignature);
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
  return JSON.parse(Buffer.concat([decipher.update(data, 'base64'), decipher.final()]));
}

test('every notification carries the client state, and we refuse another one', async (t) => {
  for (const { sample, request } of notifications()) {
    const { value } = JSON.parse(request.text);
    assert.ok(
      value.every(({ clientState }) => clientState === CLIENT_STATE),
      sample,
    );
    assert.equal(await senders.accepts('graph', request), true, sample);
    const forged = request.withBody(request.text.replace(CLIENT_STATE, 'example-client-other'));
    assert.equal(await senders.accepts('graph', forged), false, sample);
  }
  t.diagnostic(`graph: ${notifications().length} notifications, ${rich().length} of them rich`);
});

test('the tokens of a rich notification hold by the key set of the sender, and its content opens', async () => {
  assert.ok(rich().length > 0);
  for (const { sample, request, keys } of rich()) {
    const [{ url, text }] = keys;
    assert.match(url, /^https:\/\/login\.microsoftonline\.com\//);
    const { validationTokens, value } = JSON.parse(request.text);
    for (const token of validationTokens) assert.ok(isFromGraph(token, JSON.parse(text).keys), sample);
    for (const { encryptedContent, resourceData } of value) {
      assert.equal(opened(encryptedContent).id, resourceData.id, sample);
    }
  }
});

test('a token with other claims is refused, by its key and by us', async () => {
  for (const { sample, request, keys } of rich()) {
    const body = JSON.parse(request.text);
    const [header, claims, signature] = body.validationTokens[0].split('.');
    const other = Buffer.from(JSON.stringify({ ...decoded(claims), exp: 4102444800 })).toString('base64url');
    body.validationTokens = [[header, other, signature].join('.')];
    assert.equal(isFromGraph(body.validationTokens[0], JSON.parse(keys[0].text).keys), false, sample);
    assert.equal(await senders.accepts('graph', request.withBody(JSON.stringify(body))), false, sample);
  }
});
