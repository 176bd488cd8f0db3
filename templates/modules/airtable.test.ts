import { expect, it } from 'vitest';
import { airtableError, installAirtable } from '../testing/airtable';
import { collectLog } from '../testing/deliver';
import { UNCLEAR, atCall } from '../testing/fetch';
import { airtable, upsertRecord } from './airtable';

collectLog();
const BASE = 'appEXAMPLE0000001';
const TABLE = 'tblEXAMPLE0000001';
const table = () => airtable('example-airtable-token', BASE, TABLE, Date.now() + 3000);
const save = (fields: Record<string, unknown> = { 'Event id': 'evt_1', Amount: 49.99 }) =>
  upsertRecord(table(), 'Event id', fields);

it('makes a record and finds it again by the field to merge on', async () => {
  const { calls, records } = installAirtable();
  const first = await save();
  const url = `https://airtable.com/${BASE}/${TABLE}/${records[0]?.id}`;
  expect(first).toEqual({ id: records[0]?.id, url, isNew: true });
  expect(await save()).toEqual({ ...first, isNew: false });
  expect(records).toHaveLength(1);
  const [{ method, url: address, headers, body } = { headers: new Headers() }] = calls;
  expect([method, address]).toEqual(['PATCH', `https://api.airtable.com/v0/${BASE}/${TABLE}`]);
  expect(headers.get('authorization')).toBe('Bearer example-airtable-token');
  expect(body).toEqual({
    performUpsert: { fieldsToMergeOn: ['Event id'] },
    records: [{ fields: { 'Event id': 'evt_1', Amount: 49.99 } }],
    typecast: true,
  });
});

it('cannot be led to another address by an id', async () => {
  const { calls } = installAirtable();
  await upsertRecord(airtable('t', '../meta', 'a/b?c', Date.now() + 1000), 'k', { k: 1 });
  expect(calls[0]?.url).toBe('https://api.airtable.com/v0/..%2Fmeta/a%2Fb%3Fc');
});

it('repeats after 5xx, because the second time writes the same record', async () => {
  const { calls, records } = installAirtable(atCall(1, () => airtableError(503, 'SERVICE_UNAVAILABLE')));
  expect((await save()).isNew).toBe(true);
  expect([calls.length, records.length]).toEqual([2, 1]);
});

it('asks for 30 seconds after 429, as Airtable’s documentation does', async () => {
  const { calls } = installAirtable(() => airtableError(429, 'RATE_LIMIT_REACHED'));
  await expect(save()).rejects.toMatchObject({
    status: 503,
    code: 'airtable_unavailable',
    message: 'Airtable answered 429 RATE_LIMIT_REACHED: Later',
    retry: 'again',
    retryAfterSeconds: 30,
  });
  expect(calls).toHaveLength(1);
});

it.each([
  [401, 'AUTHENTICATION_REQUIRED: Wrong. Check AIRTABLE_TOKEN'],
  [
    403,
    'INVALID_PERMISSIONS: Wrong. Check AIRTABLE_BASE_ID and AIRTABLE_TABLE_ID, and give the token access to the base',
  ],
  [404, 'NOT_FOUND. Check AIRTABLE_BASE_ID and AIRTABLE_TABLE_ID, and give the token access to the base'],
  [422, 'UNKNOWN_FIELD_NAME: Wrong. Compare [mapping] in adapter.toml with the fields of the table'],
])('after %i it says what to correct', async (status, words) => {
  const type = words.split(':')[0] ?? '';
  installAirtable(() => airtableError(status, type));
  const message = `Airtable answered ${status} ${words}`;
  await expect(save()).rejects.toMatchObject({ status: 500, code: 'misconfigured', message });
});

it.each([...UNCLEAR, ['no record', () => Response.json({ records: [] })] as const])(
  'after %s it asks to come back',
  async (_, answer) => {
    installAirtable(answer);
    await expect(save()).rejects.toMatchObject({ status: 503, code: 'airtable_unavailable', retry: 'again' });
  },
);

it.each([
  [undefined, BASE, TABLE, 'AIRTABLE_TOKEN is not set'],
  ['t\n', BASE, TABLE, 'AIRTABLE_TOKEN begins or ends with white space; set it again without'],
  ['t', '', TABLE, 'AIRTABLE_BASE_ID is not set'],
  ['t', BASE, undefined, 'AIRTABLE_TABLE_ID is not set'],
])('says which setting is missing: %j %j %j', (token, base, id, message) => {
  expect(() => airtable(token, base, id, 0)).toThrow(message);
});
