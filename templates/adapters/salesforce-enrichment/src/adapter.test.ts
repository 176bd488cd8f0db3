import { describe, expect, it, vi } from 'vitest';
import { salesforceError } from '../../../testing/crm';
import { answerOf, collectLog } from '../../../testing/deliver';
import { type Fault, UNCLEAR, atCall, silence } from '../../../testing/fetch';
import { installOrg } from '../../../testing/org';
import { STANDARD_SECRET, standardHeaders, standardRequest } from '../../../testing/standard-webhooks';
import adapter from './adapter';
import type { Env } from './env';

const logged = collectLog();
const ADA = { Id: '003A', Title: 'Head', Account: { attributes: {}, Name: 'Example GmbH', Industry: null } };
const EVENT = { type: 'trial.started', data: { user: { email: 'Ada@Example.com' }, plan: 'team' } };
let app = 0;
/** Each test has an app of its own, because the isolate keeps its token and whom it found. */
const env = (change: Partial<Env> = {}): Env => ({
  WEBHOOK_SECRET: STANDARD_SECRET,
  SALESFORCE_CLIENT_SECRET: 'example-client-secret',
  TARGET_AUTHORIZATION: 'Bearer example-token',
  PERSON_EMAIL: '{data.user.email}',
  SALESFORCE_DOMAIN: 'example.my.salesforce.com',
  SALESFORCE_CLIENT_ID: `app-${(app += 1)}`,
  TARGET_URL: 'https://events.example.com/v1/events',
  MAPPING: {
    event: '{type}',
    title: '{contact.Title | default:""}',
    'account.name': { value: '{account.Name}', default: 'Unknown' },
    'account.industry': { value: '{account.Industry}', default: 'none' },
    person: '{person}',
  },
  ...change,
});
const install = (fault?: Fault) => installOrg({ 'ada@example.com': ADA }, fault);

async function deliver(id: string, own: Env = env(), body: unknown = EVENT) {
  return answerOf(adapter, await standardRequest(id, body), own);
}

it('joins what Salesforce knows into the event', async () => {
  const { calls, bodies } = install();
  const { status, body } = await deliver('msg_1');
  expect([status, body]).toEqual([
    200,
    { status: 'delivered', event_id: 'msg_1', person: 'known', target_status: 201 },
  ]);
  expect(calls.map(({ method, url }) => `${method} ${url.split('?')[0]}`)).toEqual([
    'POST https://example.my.salesforce.com/services/oauth2/token',
    'GET https://example.my.salesforce.com/services/data/v67.0/query',
    'POST https://events.example.com/v1/events',
  ]);
  expect(bodies.get('msg_1')).toEqual({
    event: 'trial.started',
    title: 'Head',
    account: { name: 'Example GmbH', industry: 'none' },
    person: 'known',
  });
  expect(calls[2]?.headers.get('authorization')).toBe('Bearer example-token');
});

it.each([
  ['unknown', { type: 'a', data: { user: { email: 'grace@example.com' } } }, 1],
  ['none', { type: 'a' }, 0],
  ['none', { type: 'a', data: { user: { email: { $ne: null } } } }, 0],
])('sends on with the defaults when the person is %s', async (person, event, asked) => {
  const { bodies, queries } = install();
  expect((await deliver('msg_2', env(), event)).body).toMatchObject({ status: 'delivered', person });
  expect(bodies.get('msg_2')).toEqual({ event: 'a', account: { name: 'Unknown', industry: 'none' }, person });
  expect(queries).toHaveLength(asked);
});

it('does not take a contact from the event itself', async () => {
  const { bodies } = install();
  await deliver('msg_3', env(), { type: 'a', person: 'known', contact: { Title: 'CEO' }, account: { Name: 'Forged' } });
  expect(bodies.get('msg_3')).toMatchObject({ account: { name: 'Unknown' }, person: 'none' });
});

it('asks Salesforce once in five minutes for a person, and once in a minute for somebody unknown', async () => {
  const { queries } = install();
  const own = env();
  const stranger = { type: 'a', data: { user: { email: 'grace@example.com' } } };
  const start = Date.now();
  const at = (minutes: number) => vi.spyOn(Date, 'now').mockReturnValue(start + minutes * 60_000);
  const counts: number[] = [];
  for (const minutes of [0, 0.9, 1.1, 4.9, 5.1]) {
    at(minutes);
    const request = async (id: string, event: unknown) => {
      const text = JSON.stringify(event);
      const headers = await standardHeaders(id, text, Math.floor(Date.now() / 1000));
      return answerOf(adapter, new Request('https://x.example/', { method: 'POST', body: text, headers }), own);
    };
    await request(`msg_${minutes}`, EVENT);
    await request(`msg_s${minutes}`, stranger);
    counts.push(queries.length);
  }
  expect(counts).toEqual([2, 2, 3, 4, 5]);
});

describe('delivers once', () => {
  it('dup-seq: under the same key when it comes twice', async () => {
    const { calls, bodies, queries } = install();
    const own = env();
    expect([(await deliver('msg_4', own)).status, (await deliver('msg_4', own)).status]).toEqual([200, 200]);
    expect([...bodies.keys()]).toEqual(['msg_4']);
    expect([queries.length, calls.length]).toEqual([1, 4]);
  });

  it('dup-par, retry-overlap: when it comes ten times at once, and the rest is asked to come back', async () => {
    const { calls } = install();
    const own = env();
    const answers = await Promise.all(Array.from({ length: 10 }, () => deliver('msg_5', own)));
    const delivered = answers.filter(({ status }) => status === 200).length;
    expect(answers.filter(({ status, body }) => status === 503 && body.error === 'in_progress').length).toBe(
      10 - delivered,
    );
    // One token and one look-up; whoever comes after the first repeats its key.
    expect(calls).toHaveLength(2 + delivered);
    expect(new Set(calls.slice(2).map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
  });

  it('5xx-applied: repeats what was perhaps taken under the same key', async () => {
    const { calls, bodies } = install(atCall(3, () => Response.json({}, { status: 500 })));
    const own = env();
    expect([(await deliver('msg_6', own)).status, (await deliver('msg_6', own)).status]).toEqual([503, 200]);
    expect(calls.map(({ headers }) => headers.get('idempotency-key')).filter(Boolean)).toEqual(['msg_6', 'msg_6']);
    expect(bodies.size).toBe(1);
  });
});

describe('what fails', () => {
  it.each<[string, number, () => Response | Promise<Response>]>([
    ['the org has no calls left', 2, () => salesforceError(403, 'REQUEST_LIMIT_EXCEEDED')],
    ['Salesforce is down', 2, () => salesforceError(503, 'SERVER_UNAVAILABLE')],
    ['Salesforce gives no token', 1, () => new Response('{}')],
    ...UNCLEAR.map(
      ([name, answer]) => [`Salesforce answers ${name}`, 2, answer] satisfies [string, number, typeof answer],
    ),
  ])('%s: nothing goes on half joined, the sender sends again', async (_, number, answer) => {
    const { bodies } = install((call, current) =>
      current >= number && !call.url.includes('events.') ? answer() : undefined,
    );
    expect(await deliver('msg_7')).toMatchObject({ status: 503, body: { error: 'salesforce_unavailable' } });
    expect(bodies.size).toBe(0);
  });

  it('the target is busy: how long to wait is passed on', async () => {
    install(({ url }) =>
      url.includes('events.') ? Response.json({}, { status: 429, headers: { 'retry-after': '60' } }) : undefined,
    );
    const { status, headers } = await deliver('msg_8');
    expect([status, headers.get('retry-after')]).toEqual([503, '60']);
  });

  it.each([
    ['Salesforce', 'salesforce'],
    ['the target', 'events.'],
  ])('%s says nothing: an answer comes before the sender gives up', { timeout: 20_000 }, async (_, host) => {
    install(({ url }) => (url.includes(host) ? silence() : undefined));
    const since = Date.now();
    expect((await deliver('msg_9')).status).toBe(503);
    expect(Date.now() - since).toBeLessThan(13_000);
  });

  it.each<[Partial<Env>, string]>([
    [{ WEBHOOK_SECRET: `${STANDARD_SECRET}\n` }, 'WEBHOOK_SECRET begins or ends with white space'],
    [{ SALESFORCE_CLIENT_SECRET: '' }, 'SALESFORCE_CLIENT_SECRET is not set'],
    [{ SALESFORCE_DOMAIN: 'example.lightning.force.com' }, 'SALESFORCE_DOMAIN is not a My Domain'],
    [{ TARGET_URL: 'http://events.example.com' }, 'TARGET_URL is not an https address'],
    [{ TARGET_AUTHORIZATION: '' }, 'TARGET_AUTHORIZATION is not set'],
    [{ PERSON_EMAIL: '' }, 'PERSON_EMAIL is not set'],
    [{ PERSON_EMAIL: '{data.user | shout}' }, 'The mapping of "PERSON_EMAIL"'],
  ])('%j is said before anything is sent', async (change, message) => {
    const { calls } = install();
    const { status, body } = await deliver('msg_10', env(change));
    expect([status, body.message]).toEqual([500, expect.stringContaining(message) as string]);
    expect(calls).toEqual([]);
  });

  it('a field that Salesforce does not have: what to correct is said', async () => {
    install(({ url }) => (url.includes('/query?') ? salesforceError(400, 'INVALID_FIELD') : undefined));
    const { status, body } = await deliver('msg_11');
    expect([status, body.error]).toEqual([500, 'misconfigured']);
    expect(body.message).toMatch(/INVALID_FIELD.*Compare \[mapping\]/);
  });
});

it('hdr-missing, sig-b64-key: a forged request reaches nobody', async () => {
  const { calls } = install();
  const text = JSON.stringify(EVENT);
  for (const headers of [{}, await standardHeaders('msg_12', text, undefined, STANDARD_SECRET)]) {
    const request = new Request('https://x.example/', { method: 'POST', body: text, headers });
    expect((await answerOf(adapter, request, env())).status).toBe(401);
  }
  expect(calls).toEqual([]);
});

it('logs ids, and neither addresses nor secrets', async () => {
  install();
  await deliver('msg_13');
  await deliver('msg_14', env({ WEBHOOK_SECRET: 'whsec_AAAA' }));
  expect(logged[0]).toBe('standard-webhooks: msg_13: delivered msg_13');
  const text = logged.join('\n').toLowerCase();
  for (const hidden of [
    'ada',
    'example gmbh',
    'example-token',
    'example-client-secret',
    'token-of-the-org',
    'whsec_',
  ]) {
    expect(text).not.toContain(hidden);
  }
});
