// Verifies twice, as PayPal offers it: with the certificate, and by asking PayPal. Both have to agree.
import { X509Certificate, verify } from 'node:crypto';
import { base64, fromBase64, utf8, verdict } from './bytes.js';

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

async function signedByCertificate(headers, webhookId, body) {
  const place = new URL(headers.certUrl);
  if (place.protocol !== 'https:' || !place.hostname.endsWith('.paypal.com') || headers.algorithm !== 'SHA256withRSA')
    return false;
  const fetched = await fetch(place);
  if (!fetched.ok) throw new Error(`the certificate: ${fetched.status}`);
  const certificate = new X509Certificate(await fetched.text());
  const now = Date.now();
  if (Date.parse(certificate.validFrom) > now || Date.parse(certificate.validTo) < now) return false;
  if (!certificate.subject.includes('CN=messageverificationcerts.paypal.com')) return false;
  const signed = `${headers.id}|${headers.time}|${webhookId}|${crc32(body)}`;
  return verify('RSA-SHA256', utf8(signed), certificate.publicKey, fromBase64(headers.signature));
}

async function paypalSays(headers, webhookId, body) {
  const authorization = `Basic ${base64(utf8('example-client:example-secret'))}`;
  const form = {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  };
  const { access_token: token } = await (await fetch('https://api-m.sandbox.paypal.com/v1/oauth2/token', form)).json();
  // The event goes in as it came: written again, it would be another text.
  const question =
    JSON.stringify({
      auth_algo: headers.algorithm,
      cert_url: headers.certUrl,
      transmission_id: headers.id,
      transmission_sig: headers.signature,
      transmission_time: headers.time,
      webhook_id: webhookId,
    }).slice(0, -1) + `,"webhook_event":${new TextDecoder().decode(body)}}`;
  const asked = await fetch('https://api-m.sandbox.paypal.com/v1/notifications/verify-webhook-signature', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: question,
  });
  return (await asked.json()).verification_status;
}

export default {
  async fetch(request, env) {
    const body = new Uint8Array(await request.arrayBuffer());
    const header = (name) => request.headers.get(`paypal-${name}`) ?? '';
    const headers = {
      id: header('transmission-id'),
      time: header('transmission-time'),
      signature: header('transmission-sig'),
      certUrl: header('cert-url'),
      algorithm: header('auth-algo'),
    };
    const own = await signedByCertificate(headers, env.WEBHOOK_ID, body);
    const theirs = await paypalSays(headers, env.WEBHOOK_ID, body);
    return verdict(own && theirs === 'SUCCESS', { own, theirs });
  },
};
