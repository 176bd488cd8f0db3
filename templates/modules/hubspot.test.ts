import { afterEach, describe, expect, it, vi } from 'vitest';
import { HUBSPOT_SECRET, hubspotHeaders, hubspotRequest } from '../testing/hubspot';
import { DeliveryError, misconfigured } from './errors';
import { hubspotContacts, verify } from './hubspot';

const NOW = 1760000001000;
const URL = 'https://hooks.example/hubspot';
afterEach(() => void vi.useRealTimers());

function check(body: string, headers: Record<string, string>, { url = URL, secret = HUBSPOT_SECRET } = {}) {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  return verify(new TextEncoder().encode(body), { method: 'POST', url, headers: new Headers(headers) }, secret);
}

describe('verify', () => {
  it.each([
    ['now', NOW],
    ['ts-300: an age of 300 s', NOW - 300_000],
    ['a clock that is ahead', NOW + 60_000],
  ])('accepts %s', async (_, time) => {
    await check('[]', await hubspotHeaders(URL, '[]', time));
  });

  it('decodes in the address what HubSpot decodes, in either case, and nothing else', async () => {
    const headers = await hubspotHeaders(`${URL}?to=a@b/c%20d`, '[]', NOW);
    await check('[]', headers, { url: `${URL}?to=a%40b%2fc%20d` });
  });

  it.each<[string, () => Promise<Record<string, string>> | Record<string, string>]>([
    ['no headers', () => ({})],
    [
      'a forged signature',
      async () => ({ ...(await hubspotHeaders(URL, '[]', NOW)), 'x-hubspot-signature-v3': `${'A'.repeat(43)}=` }),
    ],
    ['another body', () => hubspotHeaders(URL, '[ ]', NOW)],
    ['another address', () => hubspotHeaders('https://hooks.example/other', '[]', NOW)],
    ['another secret', () => hubspotHeaders(URL, '[]', NOW, 'other')],
    ['an age of 301 s', () => hubspotHeaders(URL, '[]', NOW - 300_001)],
    ['seconds', () => hubspotHeaders(URL, '[]', NOW / 1000)],
    ['a time that is none', () => hubspotHeaders(URL, '[]', 'today')],
    ['a signature in base64 for URLs', async () => changed(await hubspotHeaders(URL, '[]', NOW))],
    ['version 1 alone', () => ({ 'x-hubspot-signature-version': 'v1', 'x-hubspot-signature': '0'.repeat(64) })],
  ])('refuses %s', async (_, headers) => {
    await expect(check('[]', await headers())).rejects.toMatchObject({ status: 401, code: 'invalid_signature' });
  });

  it.each([
    ['', 'HUBSPOT_CLIENT_SECRET is not set'],
    [`${HUBSPOT_SECRET}\n`, 'HUBSPOT_CLIENT_SECRET begins or ends with white space; set it again without'],
  ])('sig-newline-secret: says what is wrong with the secret %j', async (secret, message) => {
    const headers = await hubspotHeaders(URL, '[]', NOW);
    await expect(check('[]', headers, { secret })).rejects.toMatchObject({ code: 'misconfigured', message });
  });
});

it('reads contacts of both kinds of subscriptions, each once', async () => {
  const ids = { eventId: 1, subscriptionId: 2, occurredAt: 3 };
  const request = await hubspotRequest([
    { ...ids, subscriptionType: 'contact.creation', objectId: 1 },
    { ...ids, subscriptionType: 'object.propertyChange', objectTypeId: '0-1', objectId: 2 },
    { ...ids, subscriptionType: 'object.propertyChange', objectTypeId: '0-2', objectId: 3 },
    { ...ids, subscriptionType: 'contact.restore', objectId: 1 },
  ]);
  expect(await hubspotContacts(HUBSPOT_SECRET).read(request)).toMatchObject({
    kind: 'events',
    events: [{ document: { contactIds: ['1', '2'] }, about: '3 changes of 2 contacts' }],
  });
});

it('has HubSpot send again whatever failed: it reads no header', () => {
  const { refused } = hubspotContacts(HUBSPOT_SECRET);
  expect(refused(new DeliveryError(503, 'busy', 'Later', 'again', 2)).status).toBe(503);
  expect(refused(misconfigured('Correct it')).status).toBe(500);
});

function changed(headers: Record<string, string>): Record<string, string> {
  const signature = headers['x-hubspot-signature-v3'] ?? '';
  return { ...headers, 'x-hubspot-signature-v3': `-${signature.slice(1)}` };
}
