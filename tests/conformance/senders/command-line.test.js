// `patchbay sample sign` and `patchbay sample verify`, as a person uses them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SECRETS, Senders } from './bench.js';

let senders;
before(async () => {
  senders = await Senders.open({ stripe: SECRETS.stripe });
});
after(() => senders?.close());

const HTTP = /^POST \/ HTTP\/1\.1\r\nHost: 127\.0\.0\.1:4781\r\n[^]*\r\nContent-Length: (\d+)\r\n\r\n([^]*)$/;

test('what one signs, the other accepts, and no byte of it can be changed', async () => {
  const { code, output } = await senders.run(['sample', 'sign', 'acme/stripe', 'invoice-paid']);
  assert.equal(code, 0);
  const [, length, body] = HTTP.exec(output.toString());
  assert.equal(Buffer.byteLength(body), Number(length));
  assert.equal(JSON.parse(body).type, 'invoice.paid');
  const accepted = await senders.run(['sample', 'verify', 'acme/stripe'], output);
  assert.deepEqual([accepted.code, `${accepted.output}`.split('\n')[0]], [0, ACCEPTED]);
  const changed = Buffer.from(output.toString().replace('invoice.paid', 'invoice.void'));
  const refused = await senders.run(['sample', 'verify', 'acme/stripe'], changed);
  assert.deepEqual([refused.code, `${refused.output}`.split('\n')[0]], [1, REFUSED]);
});

const ACCEPTED = "accepted: stripe sent this with the adapter's signing secret";
const REFUSED = 'refused as stripe: no signature matches the body';

test('with `--json` both speak one document', async () => {
  const { output } = await senders.run(['sample', 'sign', 'acme/stripe', 'v2-thin-event', '--json']);
  const { request, accepted, signing, keys } = JSON.parse(output);
  assert.deepEqual([request.method, accepted, signing, keys], ['POST', true, 'signed', []]);
  const lines = request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const raw = `POST / HTTP/1.1\r\nHost: a.example\r\n${lines}\r\n${Buffer.from(request.body_base64, 'base64')}`;
  const { code, output: verdict } = await senders.run(['sample', 'verify', 'acme/stripe', '--json'], Buffer.from(raw));
  assert.equal(code, 0);
  const { provider, refusal, handshake, event_id: id } = JSON.parse(verdict);
  assert.deepEqual({ provider, refusal, handshake }, { provider: 'stripe', refusal: null, handshake: false });
  assert.match(id, /^evt_/);
});

test('what is no request, no sample and no adapter is refused with the reason', async () => {
  const half = Buffer.from('POST / HTTP/1.1\r\nHost: a');
  for (const [status, reason, args, input] of [
    [1, /not a whole HTTP request: it ends within its headers/, ['verify', 'acme/stripe'], half],
    [1, /`missing`/, ['sign', 'acme/stripe', 'missing']],
    [1, /acme\/missing/, ['sign', 'acme/missing', 'invoice-paid']],
    [2, /`example\.com` is not a URL\nhint: /, ['sign', 'acme/stripe', 'invoice-paid', '--url', 'example.com']],
  ]) {
    const { code, output, errors } = await senders.run(['sample', ...args], input);
    assert.match(errors, reason);
    assert.deepEqual([code, `${output}`], [status, '']);
  }
});
