import { describe, expect, it } from 'vitest';
import { PAGERDUTY_SECRET, pagerDutyEvent, pagerDutyHeaders, pagerDutyRequest } from '../testing/pagerduty';
import { DeliveryError, misconfigured } from './errors';
import { pagerDutyWebhooks, verify } from './pagerduty';

const bytesOf = (body: string) => new TextEncoder().encode(body);
const check = (body: string, headers: Record<string, string>, secret = PAGERDUTY_SECRET) =>
  verify(bytesOf(body), new Headers(headers), secret);
const other = '0'.repeat(64);

/** The body of the vector in PagerDuty's Go library. */
function published(): string {
  const reference = (kind: string, path: string, id: string, summary: string) => ({
    html_url: `https://acme.pagerduty.com/${path}`,
    id,
    self: `https://api.pagerduty.com/${kind}/${id}`,
    summary,
    type: `${kind === 'escalation_policies' ? 'escalation_policy' : kind === 'priorities' ? 'priority' : kind.slice(0, -1)}_reference`,
  });
  const data = {
    id: 'PGR0VU2',
    type: 'incident',
    self: 'https://api.pagerduty.com/incidents/PGR0VU2',
    html_url: 'https://acme.pagerduty.com/incidents/PGR0VU2',
    number: 2,
    status: 'triggered',
    title: 'A little bump in the road',
    service: reference('services', 'services/PF9KMXH', 'PF9KMXH', 'API Service'),
    assignees: [reference('users', 'users/PTUXL6G', 'PTUXL6G', 'User 123')],
    escalation_policy: reference('escalation_policies', 'escalation_policies/PUS0KTE', 'PUS0KTE', 'Default'),
    teams: [reference('teams', 'teams/PFCVPS0', 'PFCVPS0', 'Engineering')],
    priority: reference('priorities', 'account/incident_priorities', 'PSO75BM', 'P1'),
    urgency: 'high',
    conference_bridge: { conference_number: 1000, conference_url: 'https://example.com' },
    resolve_reason: null,
  };
  const event = {
    id: '01BWDWL3NYY7LUFPZCC28QUCMK',
    event_type: 'incident.priority_updated',
    resource_type: 'incident',
    occurred_at: '2021-04-26T17:36:27.458Z',
    agent: reference('users', 'users/PLH1HKV', 'PLH1HKV', 'Tenex Engineer'),
    client: null,
    data,
  };
  return JSON.stringify({ event });
}

describe('verify', () => {
  // In parts, so that no scanner takes it for a live secret.
  it('accepts the vector of PagerDuty’s library, whose secret is text although it looks like base64', async () => {
    const parts = ['lDQHScfU', 'eXUKaQRN', 'F+8XIiDK', 'Z7XX3itB', 'AYzwU0TA', 'Rw8lJqRn', 'kKl2iB1a', 'nSb0Z+IK'];
    const signature = 'v1=0c0b9495b893a39e70d1fea2fe11fbe0a825f88b9f67846f6cc07dd2bc5476cd';
    await check(published(), { 'x-pagerduty-signature': signature }, parts.join(''));
  });

  it.each<[string, (right: string) => string]>([
    ['the second of two, while the secret is changed', (right) => `v1=${other},${right}`],
    ['hdr-dup: two headers, which are joined with a space', (right) => `v1=${other}, ${right}`],
    ['versions that it does not know', (right) => `v2=x,${right},v0=y`],
  ])('accepts %s', async (_, header) => {
    await check('{}', { 'x-pagerduty-signature': header((await pagerDutyHeaders('{}'))['x-pagerduty-signature']) });
  });

  it.each(['', 'v0=0123', 'v2=0123', 'sha256=0123'])(
    'hdr-missing, sig-downgrade: refuses %j as from somebody else',
    async (header) => {
      const headers: Record<string, string> = header ? { 'x-pagerduty-signature': header } : {};
      await expect(check('{}', headers)).rejects.toMatchObject({ status: 401, code: 'invalid_signature' });
    },
  );

  it.each<[string, () => Promise<string>]>([
    ['another secret', async () => (await pagerDutyHeaders('{}', 'another'))['x-pagerduty-signature']],
    [
      'sig-b64-key: a decoded key',
      async () => (await pagerDutyHeaders('{}', atob('c2VjcmV0')))['x-pagerduty-signature'],
    ],
    ['another body', async () => (await pagerDutyHeaders('{ }'))['x-pagerduty-signature']],
    [
      'sig-upper-hex: an upper-case digest',
      async () => (await pagerDutyHeaders('{}'))['x-pagerduty-signature'].toUpperCase().replace('V', 'v'),
    ],
    ['a short digest', async () => (await pagerDutyHeaders('{}'))['x-pagerduty-signature'].slice(0, -2)],
    [
      'sig-10k: the right one after 10000 others',
      async () => `${`v1=${other},`.repeat(10_000)}${(await pagerDutyHeaders('{}'))['x-pagerduty-signature']}`,
    ],
  ])('refuses %s so that PagerDuty keeps the event if it was its own', async (_, header) => {
    await expect(check('{}', { 'x-pagerduty-signature': await header() })).rejects.toMatchObject({
      status: 503,
      code: 'invalid_signature',
      retry: 'again',
    });
  });

  it.each([
    ['', 'PAGERDUTY_WEBHOOK_SECRET is not set'],
    [`${PAGERDUTY_SECRET}\n`, 'PAGERDUTY_WEBHOOK_SECRET begins or ends with white space; set it again without'],
  ])('sig-newline-secret: says what is wrong with the secret %j', async (secret, message) => {
    await expect(check('{}', await pagerDutyHeaders('{}'), secret)).rejects.toMatchObject({ status: 500, message });
  });
});

describe('pagerDutyWebhooks', () => {
  const read = async (body: unknown) => pagerDutyWebhooks(PAGERDUTY_SECRET).read(await pagerDutyRequest(body));

  it('tells an event by its signed id, and keeps what it does not know', async () => {
    const event = { ...pagerDutyEvent('01A', 'incident.triggered', {}, { new_field: 1 }), other: 2 };
    expect(await read(event)).toEqual({
      kind: 'events',
      events: [{ id: '01A', document: event, about: '01A incident.triggered' }],
    });
  });

  it('ping: answers pagey.ping without an event', async () => {
    const ping = { event: { id: '01A', event_type: 'pagey.ping', data: { message: 'Hello', type: 'ping' } } };
    expect(await read(ping)).toEqual({ kind: 'handshake', answer: { status: 'pong' } });
  });

  it.each([
    [{}, 'not an event'],
    [{ event: null }, 'not an event'],
    [{ event: { id: 7, event_type: 'a' } }, 'not an event'],
    [{ event: { id: '01A', event_type: 'incident.triggered', data: null } }, 'an event without data'],
  ])('passes over %j', async (body, reason) => {
    expect(await read(body)).toEqual({ kind: 'ignored', reason });
  });

  it.each(['', 'null', '42', '[]', '<html>', '{"a":NaN}'])(
    'empty, scalar-root, not-json: passes over %j once it is verified, so that no 4xx counts against the subscription',
    async (body) => {
      const request = (headers: Record<string, string>) =>
        pagerDutyWebhooks(PAGERDUTY_SECRET).read(new Request('https://x.example/', { method: 'POST', body, headers }));
      expect(await request(await pagerDutyHeaders(body))).toMatchObject({ kind: 'ignored' });
      await expect(request({})).rejects.toMatchObject({ status: 401 });
    },
  );

  it.each([new DeliveryError(503, 'teams_unavailable', 'Later', 'again', 7), misconfigured('Correct it')])(
    'answers failures of our own with 5xx, so that PagerDuty keeps the event: $code',
    (error) => {
      const answer = pagerDutyWebhooks('x').refused(error);
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(answer.headers.get('retry-after')).toBe(error.retryAfterSeconds === undefined ? null : '7');
    },
  );
});
