// Senders of one's own, as the settings of their samples say: there is no library, so node's crypto follows the settings.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agree, now, withHeaders } from './agreement.js';
import { CATALOGUE, samplesOf } from './bench.js';

const settingsOf = (sample) =>
  JSON.parse(readFileSync(join(CATALOGUE, 'custom', `${sample}.json`), 'utf8')).provider_settings;

/** Samples of the catalogue by their settings. */
const senders = new Map();
for (const sample of samplesOf('custom')) {
  const settings = JSON.stringify(settingsOf(sample));
  senders.set(settings, [...(senders.get(settings) ?? []), sample]);
}

/** The header's value by the settings. */
function signature(settings, secret, timestamp, body) {
  const { algorithm = 'hmac-sha256', encoding = 'hex', prefix = '', separator = '.' } = settings;
  if (algorithm === 'token') return prefix + secret;
  const hmac = createHmac(algorithm.replace('hmac-', ''), secret);
  if (settings.timestamp_header) hmac.update(timestamp + separator);
  return prefix + hmac.update(body).digest(encoding);
}

for (const [text, samples] of senders) {
  const settings = JSON.parse(text);
  const [header, time] = [settings.header, settings.timestamp_header ?? ''].map((name) => name.toLowerCase());
  agree({
    provider: 'custom',
    library: `node:crypto with ${text}`,
    secret: 'example-custom-signing-secret',
    settings,
    samples,
    coversBody: settings.algorithm !== 'token',
    accepts: ({ headers, body }, secret) => headers[header] === signature(settings, secret, headers[time], body),
    signs(request, secret) {
      const timestamp = String(now());
      const signed = { [header]: signature(settings, secret, timestamp, request.body) };
      return withHeaders(request, time ? { ...signed, [time]: timestamp } : signed);
    },
  });
}
