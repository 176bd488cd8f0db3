import { describe, expect, it } from 'vitest';
import { hubspotError, installCrm, salesforceError } from '../../../testing/crm';
import { answerOf, collectLog } from '../../../testing/deliver';
import { UNCLEAR, atCall, silence } from '../../../testing/fetch';
import { HUBSPOT_SECRET, hubspotEvent, hubspotHeaders, hubspotRequest } from '../../../testing/hubspot';
import adapter from './adapter';
import type { Env } from './env';

const logged = collectLog();
let app = 0;
/** Each test has an app of its own, because the isolate keeps its access token. */
const env = (change: Partial<Env> = {}): Env => ({
  HUBSPOT_CLIENT_SECRET: HUBSPOT_SECRET,
  HUBSPOT_TOKEN: 'example-hubspot-token',
  HUBSPOT_HOST: 'api.hubapi.com',
  SALESFORCE_DOMAIN: 'example.my.salesforce.com',
  SALESFORCE_CLIENT_ID: `app-${(app += 1)}`,
  SALESFORCE_CLIENT_SECRET: 'example-client-secret',
  MAPPING: {
    HubSpot_Id__c: '{contact.id}',
    LastName: { value: '{contact.lastname}', required: true },
    Email: '{contact.email}',
  },
  ...change,
});
const ADA = { lastname: 'Example', email: 'ada@example.com' };
const UPSERT = 'https://example.my.salesforce.com/services/data/v67.0/composite/sobjects/Lead/HubSpot_Id__c';

async function deliver(body: unknown, change: Partial<Env> = {}) {
  return answerOf(adapter, await hubspotRequest(body), env(change));
}

it('makes a lead of a contact as HubSpot holds it now', async () => {
  const { calls, records } = installCrm({ 612: ADA });
  const { status, body } = await deliver([hubspotEvent(612)]);
  expect([status, body]).toEqual([200, { status: 'synced', created: 1, updated: 0, gone: 0 }]);
  expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'POST https://api.hubapi.com/crm/v3/objects/contacts/batch/read',
    'POST https://example.my.salesforce.com/services/oauth2/token',
    `PATCH ${UPSERT}`,
  ]);
  expect(calls[0]?.body).toEqual({ inputs: [{ id: '612' }], properties: ['lastname', 'email'] });
  expect(calls[2]?.headers.get('authorization')).toBe('Bearer token-1');
  expect(records.get('612')).toEqual({ HubSpot_Id__c: '612', LastName: 'Example', Email: 'ada@example.com' });
});

it('leaves one lead when the same batch comes twice, one after the other or at once', async () => {
  const { records } = installCrm({ 612: ADA });
  const own = env();
  const send = async () => answerOf(adapter, await hubspotRequest([hubspotEvent(612)]), own);
  const [first, second] = await Promise.all([send(), send()]);
  expect([first.status, second.status].sort()).toEqual([200, 503]);
  expect((await send()).body).toMatchObject({ created: 0, updated: 1 });
  expect(records.size).toBe(1);
});

it('order-update-first: reads a contact once for all of its events, in whatever order they come', async () => {
  const { calls, records } = installCrm({ 613: ADA });
  const changed = {
    subscriptionType: 'contact.propertyChange',
    propertyName: 'email',
    propertyValue: 'old@example.com',
  };
  await deliver([hubspotEvent(613, { eventId: 18, ...changed }), hubspotEvent(613, { eventId: 16 })]);
  expect(calls[0]?.body.inputs).toEqual([{ id: '613' }]);
  expect(records.get('613')?.Email).toBe('ada@example.com');
});

it('keeps ids whole that a number does not hold', async () => {
  const { records } = installCrm({ '9007199254740993': ADA });
  const text = JSON.stringify([hubspotEvent(1)]).replace('"objectId":1', '"objectId":9007199254740993');
  const request = new Request('https://x.example/', {
    method: 'POST',
    body: text,
    headers: await hubspotHeaders('https://x.example/', text),
  });
  expect((await answerOf(adapter, request, env())).status).toBe(200);
  expect([...records.keys()]).toEqual(['9007199254740993']);
});

it('counts contacts that are gone and writes the others', async () => {
  const { records } = installCrm({ 2: ADA });
  expect((await deliver([hubspotEvent(1), hubspotEvent(2)])).body).toMatchObject({ created: 1, gone: 1 });
  expect(records.size).toBe(1);
});

it('asks Salesforce for one token for many webhooks, and for another when that one has ended', async () => {
  const { tokens } = installCrm({ 612: ADA }, ({ url, headers }) =>
    url === UPSERT && headers.get('authorization') === 'Bearer token-1' && tokens.length === 1 && ended
      ? salesforceError(401, 'INVALID_SESSION_ID')
      : undefined,
  );
  let ended = false;
  const own = env();
  const send = async (eventId: number) =>
    answerOf(adapter, await hubspotRequest([hubspotEvent(612, { eventId })]), own);
  await send(1);
  await send(2);
  expect(tokens).toEqual(['token-1']);
  ended = true;
  expect((await send(3)).status).toBe(200);
  expect(tokens).toEqual(['token-1', 'token-2']);
});

describe('what fails', () => {
  it.each([
    ['HubSpot is busy', 1, () => hubspotError(429, 'RATE_LIMITS'), 'hubspot_unavailable'],
    [
      'Salesforce’s org has no calls left',
      3,
      () => salesforceError(403, 'REQUEST_LIMIT_EXCEEDED'),
      'salesforce_unavailable',
    ],
    ['Salesforce gives no token', 2, () => new Response('{}'), 'salesforce_unavailable'],
    ['Salesforce is down', 3, () => salesforceError(503, 'SERVER_UNAVAILABLE'), 'salesforce_unavailable'],
  ])('%s: HubSpot sends again', async (_, number, answer, error) => {
    const { records } = installCrm({ 612: ADA }, (_call, current) => (current >= number ? answer() : undefined));
    expect(await deliver([hubspotEvent(612)])).toMatchObject({ status: 503, body: { error } });
    expect(records.size).toBe(0);
  });

  it.each(UNCLEAR)('Salesforce answers %s: the same lead is written again', async (_, answer) => {
    const { records } = installCrm({ 612: ADA }, atCall(3, answer));
    const first = await deliver([hubspotEvent(612)]);
    const again = await deliver([hubspotEvent(612, { attemptNumber: 1 })]);
    expect([first.status, again.status]).toEqual([503, 200]);
    expect(records.size).toBe(1);
  });

  it('gives up before HubSpot does when nobody answers', async () => {
    installCrm({ 612: ADA }, silence);
    const since = Date.now();
    expect((await deliver([hubspotEvent(612)])).status).toBe(503);
    expect(Date.now() - since).toBeLessThan(5000);
  });

  it('batch-partial: writes the other leads of a batch in which one contact does not fit', async () => {
    const { records } = installCrm({ 1: { email: 'x@example.com' }, 2: ADA });
    const { status, body } = await deliver([hubspotEvent(1), hubspotEvent(2)]);
    expect([status, body.error]).toEqual([500, 'misconfigured']);
    expect(body.message).toContain('The mapping of "LastName" is required');
    expect([...records.keys()]).toEqual(['2']);
  });

  it('partial: says which records Salesforce refused, and has written the others', async () => {
    const { records } = installCrm({ 1: { email: 'x@example.com' }, 2: ADA });
    const MAPPING = { HubSpot_Id__c: '{contact.id}', LastName: '{contact.lastname}' };
    const { status, body } = await deliver([hubspotEvent(1), hubspotEvent(2)], { MAPPING });
    expect(status).toBe(500);
    expect(body.message).toMatch(/^Salesforce refused 1 of 2 records: REQUIRED_FIELD_MISSING: LastName\. Compare/);
    expect([...records.keys()]).toEqual(['2']);
  });

  it.each<[Partial<Env>, string]>([
    [{ HUBSPOT_TOKEN: '' }, 'HUBSPOT_TOKEN is not set'],
    [{ SALESFORCE_DOMAIN: 'https://example.my.salesforce.com' }, 'SALESFORCE_DOMAIN is not a My Domain'],
    [{ SALESFORCE_DOMAIN: 'evil.example/.my.salesforce.com' }, 'SALESFORCE_DOMAIN is not a My Domain'],
    [{ MAPPING: { LastName: '{contact.lastname}' } }, 'The mapping has no field of your own'],
  ])('%j is said before anything is sent', async (change, message) => {
    const { calls } = installCrm({ 612: ADA });
    const { status, body } = await deliver([hubspotEvent(612)], change);
    expect([status, body.message]).toEqual([500, expect.stringContaining(message) as string]);
    expect(calls).toEqual([]);
  });
});

describe('hostile cases', () => {
  it.each<[string, unknown]>([
    ['empty-array: no events', []],
    ['deletions', [hubspotEvent(612, { subscriptionType: 'contact.deletion' })]],
    ['other objects', [hubspotEvent(612, { subscriptionType: 'deal.creation' })]],
    [
      'loop-two, what came from Salesforce, which would go round for ever',
      [hubspotEvent(612, { changeSource: 'SALESFORCE' })],
    ],
    ['elements that are no events', [null, 3, 'x', { objectId: '../1', subscriptionType: 'contact.creation' }]],
    ['keys of every object', [{ __proto__: null, constructor: 1, then: 2, objectId: { valueOf: 3 } }]],
  ])('%s: ignored', async (_, body) => {
    const { calls } = installCrm({ 612: ADA });
    expect(await deliver(body)).toMatchObject({ status: 200, body: { status: 'ignored' } });
    expect(calls).toEqual([]);
  });

  it.each<[string, string]>([
    ['empty-body', ''],
    ['json-null', 'null'],
    ['json-object', '{"objectId":1}'],
    ['not-json', '<html>'],
  ])('%s: 400', async (_, text) => {
    installCrm({});
    const headers = await hubspotHeaders('https://x.example/', text);
    const request = new Request('https://x.example/', { method: 'POST', body: text, headers });
    expect((await answerOf(adapter, request, env())).status).toBe(400);
  });

  it('passes no name that ends a line or a query, only what the mapping names', async () => {
    const { records } = installCrm({ 612: { lastname: `O'Hara\r\nX: 1"`, email: '=cmd()', notes: 'secret' } });
    await deliver([hubspotEvent(612)]);
    expect(records.get('612')).toEqual({ HubSpot_Id__c: '612', LastName: `O'Hara\r\nX: 1"`, Email: '=cmd()' });
  });

  it('logs ids and counts, and neither names nor secrets', async () => {
    installCrm({ 612: ADA });
    await deliver([hubspotEvent(612)]);
    await deliver([hubspotEvent(612)], { HUBSPOT_CLIENT_SECRET: 'another' });
    const text = logged.join('\n');
    expect(text).toContain('hubspot: 1 changes of 1 contacts: synced');
    for (const hidden of ['Example', 'ada@', 'example-hubspot-token', 'example-client-secret', 'token-1']) {
      expect(text).not.toContain(hidden);
    }
  });
});
