// The official client on the simulated Airtable.
import Airtable from 'airtable';
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { broken, failure, ServedUpstreams } from './bench.js';

const BASE = 'appExample0000001';

// A server for each test: a base takes five calls a second.
let served;
beforeEach(async () => {
  served = await ServedUpstreams.start();
});
afterEach(() => served?.stop());

function table(upstreams = served, apiKey = 'example-airtable-token') {
  const endpointUrl = upstreams.base('api.airtable.com');
  return new Airtable({ apiKey, endpointUrl, noRetryIfRateLimited: true }).base(BASE)('Payments in');
}

test('records are created, read back, changed, listed page by page and removed', async () => {
  const payments = table();
  const [first, second] = await payments.create([
    { fields: { Name: 'first', Amount: 49.99, Paid: true } },
    { fields: { Name: 'second', Amount: 7 } },
  ]);
  const read = await payments.find(first.id);
  assert.deepEqual(read.fields, { Name: 'first', Amount: 49.99, Paid: true });
  const [changed] = await payments.update([{ id: second.id, fields: { Amount: 8 } }]);
  assert.deepEqual(changed.fields, { Name: 'second', Amount: 8 });
  const options = { pageSize: 1, sort: [{ field: 'Amount', direction: 'desc' }], fields: ['Name'] };
  const names = (await payments.select(options).all()).map((record) => record.get('Name'));
  assert.deepEqual(names, ['first', 'second'], 'over two pages');
});

test('a formula finds what was written', async () => {
  const events = table();
  await events.create({ 'Event ID': 'evt_1' });
  const found = await events.select({ filterByFormula: "{Event ID} = 'evt_1'", maxRecords: 1 }).firstPage();
  assert.equal(found.length, 1);
  await events.destroy(found[0].id);
  const gone = await failure(events.find(found[0].id));
  assert.deepEqual([gone.statusCode, gone.error], [404, 'NOT_FOUND']);
});

test('an upsert writes an event once', async () => {
  const payments = table();
  const options = { performUpsert: { fieldsToMergeOn: ['Event ID'] } };
  const upsert = (Amount) => payments.update([{ fields: { 'Event ID': 'evt_1', Amount } }], options);
  const first = await upsert(1);
  const again = await upsert(2);
  assert.deepEqual(
    again.map(({ id }) => id),
    first.map(({ id }) => id),
  );
  const records = await payments.select().all();
  assert.deepEqual(
    records.map((record) => record.get('Amount')),
    [2],
  );
});

test('a token that has expired is an authentication error', async () => {
  await broken(['airtable:expired-token'], async (upstreams) => {
    const error = await failure(table(upstreams).create({ Name: 'x' }));
    assert.ok(error instanceof Airtable.Error, String(error));
    assert.deepEqual([error.statusCode, error.error], [401, 'AUTHENTICATION_REQUIRED']);
  });
});

test('what Airtable refuses has its type and message', async () => {
  const payments = table();
  const formula = await failure(payments.select({ filterByFormula: '{Name' }).firstPage());
  assert.deepEqual([formula.statusCode, formula.error], [422, 'INVALID_FILTER_BY_FORMULA']);
  const many = Array.from({ length: 11 }, (_, index) => ({ fields: { Name: `${index}` } }));
  const refused = await failure(payments.create(many));
  assert.ok(refused instanceof Airtable.Error, String(refused));
  assert.equal(refused.statusCode, 422);
});

test('calls that come too fast are refused, and the client tells so', async () => {
  await broken([], async (upstreams) => {
    const payments = table(upstreams);
    const calls = Array.from({ length: 8 }, () => payments.select().firstPage());
    const errors = (await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected');
    assert.equal(errors.length, 3, 'five a second for one base');
    for (const { reason } of errors) {
      assert.deepEqual([reason.statusCode, reason.error], [429, 'TOO_MANY_REQUESTS']);
    }
  });
});
