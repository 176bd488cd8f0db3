import { createDecipheriv, createHmac, constants, createPublicKey, privateDecrypt, verify } from 'node:crypto';
import { equal, fromBase64, utf8, verdict } from './bytes.js';

const GRAPH = '0bf30f3b-4a52-48df-9a82-234910c4a086';

const part = (text) => fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));

const json = (text) => JSON.parse(new TextDecoder().decode(part(text)));

/** Whether Entra vouches for the sender, by the keys that its configuration points to. */
async function vouchedFor(token, application) {
  const [header, claims, signature] = token.split('.');
  const { jwks_uri: place } = await (
    await fetch('https://login.microsoftonline.com/common/.well-known/openid-configuration')
  ).json();
  const { keys } = await (await fetch(place)).json();
  const { alg, kid } = json(header);
  const jwk = keys.find((key) => key.kid === kid);
  if (alg !== 'RS256' || jwk === undefined) return false;
  const signed = verify(
    'RSA-SHA256',
    utf8(`${header}.${claims}`),
    createPublicKey({ key: jwk, format: 'jwk' }),
    part(signature),
  );
  const { aud, appid, exp, nbf } = json(claims);
  const now = Date.now() / 1000;
  return signed && aud === application && appid === GRAPH && nbf <= now && now < exp;
}

function opened(content, privateKey) {
  const key = privateDecrypt(
    { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
    fromBase64(content.dataKey),
  );
  const data = fromBase64(content.data);
  if (createHmac('sha256', key).update(data).digest('base64') !== content.dataSignature)
    throw new Error('the content was changed');
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
  return JSON.parse(decipher.update(data, undefined, 'utf8') + decipher.final('utf8'));
}

export default {
  async fetch(request, env) {
    const question = new URL(request.url).searchParams.get('validationToken');
    if (question !== null) return new Response(question, { headers: { 'content-type': 'text/plain' } });
    const { value, validationTokens = [] } = await request.json();
    let verified = value.every((item) => equal(item.clientState, env.CLIENT_STATE));
    for (const token of validationTokens) verified &&= await vouchedFor(token, env.APPLICATION_ID);
    const encrypted = value.filter((item) => item.encryptedContent !== undefined);
    if (encrypted.length > 0 && validationTokens.length === 0) verified = false;
    if (!verified) return verdict(false);
    return verdict(true, {
      texts: encrypted.map((item) => opened(item.encryptedContent, env.PRIVATE_KEY).body.content),
    });
  },
};
