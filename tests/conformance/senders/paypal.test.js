// PayPal has no library that verifies without asking PayPal: this follows developer.paypal.com, "Verify webhooks
// yourself", with the certificate that the simulated sender's `PAYPAL-CERT-URL` stands for.
import assert from 'node:assert/strict';
import { createSign, createVerify, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { withHeaders } from './agreement.js';
import { samplesOf, SECRETS, Senders } from './bench.js';

const WEBHOOK_ID = SECRETS.paypal;

let senders;
let signed;
before(async () => {
  senders = await Senders.open({ paypal: WEBHOOK_ID });
  signed = await senders.signAll('paypal', samplesOf('paypal'));
});
after(() => senders?.close());

function message({ headers, body }, webhookId = WEBHOOK_ID) {
  return [headers['paypal-transmission-id'], headers['paypal-transmission-time'], webhookId, crc32(body)].join('|');
}

function accepts(request, certificate, webhookId) {
  assert.equal(request.headers['paypal-auth-algo'], 'SHA256withRSA');
  const verifier = createVerify('RSA-SHA256').update(message(request, webhookId));
  return verifier.verify(certificate.publicKey, request.headers['paypal-transmission-sig'], 'base64');
}

test('the certificate accepts what we sign as paypal, and nothing that was changed', async (t) => {
  for (const { sample, request, keys, signing } of signed) {
    const [{ url, text }] = keys;
    assert.equal(request.headers['paypal-cert-url'], url);
    const certificate = new X509Certificate(text);
    assert.ok(certificate.verify(certificate.publicKey), 'the certificate holds');
    assert.equal(accepts(request, certificate), true, `${sample}: ${signing}`);
    assert.equal(accepts(request.tampered(), certificate), false, sample);
    assert.equal(accepts(request, certificate, 'ANOTHER0WEBHOOK'), false, sample);
    assert.equal(await senders.accepts('paypal', request), true, sample);
    assert.equal(await senders.accepts('paypal', request.tampered()), false, sample);
  }
  t.diagnostic(`paypal × node:crypto: ${signed.length}/${signed.length} samples`);
});

test('what another key signs is refused by us, whatever certificate the header names', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [{ request }] = signed;
  const signature = createSign('RSA-SHA256').update(message(request)).sign(privateKey, 'base64');
  const forged = withHeaders(request, { 'paypal-transmission-sig': signature });
  assert.equal(await senders.accepts('paypal', forged), false);
  const elsewhere = { 'paypal-cert-url': 'https://attacker.example/cert.pem' };
  assert.equal(await senders.accepts('paypal', withHeaders(forged, elsewhere)), false);
  assert.equal(await senders.accepts('paypal', withHeaders(request, elsewhere)), false, 'a right signature, too');
});
