// The official client on the simulated HubSpot.
import { Client } from '@hubspot/api-client';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { broken, failure, ServedUpstreams } from './bench.js';

let served;
before(async () => {
  served = await ServedUpstreams.start();
});
after(() => served?.stop());

function contacts(upstreams = served, accessToken = 'example-hubspot-token') {
  const client = new Client({ accessToken, basePath: upstreams.base('api.hubapi.com'), numberOfApiCallRetries: 0 });
  return client.crm.contacts;
}

const equals = (propertyName, value) => ({ filterGroups: [{ filters: [{ propertyName, operator: 'EQ', value }] }] });

test('a contact is created, read back, changed, searched, listed and archived', async () => {
  const { basicApi, searchApi } = contacts();
  const created = await basicApi.create({ properties: { email: 'ada@example.com', firstname: 'Ada' } });
  assert.ok(created.createdAt instanceof Date, 'the client reads the times');
  const read = await basicApi.getById(created.id, ['email', 'firstname']);
  assert.equal(read.properties.firstname, 'Ada');
  const changed = await basicApi.update(created.id, { properties: { lifecyclestage: 'customer' } });
  assert.equal(changed.properties.lifecyclestage, 'customer');
  const found = await searchApi.doSearch({ ...equals('email', 'ada@example.com'), properties: ['email'], limit: 1 });
  assert.deepEqual([found.total, found.results[0].id], [1, created.id]);
  await basicApi.create({ properties: { email: 'bo@example.com' } });
  const first = await basicApi.getPage(1);
  const second = await basicApi.getPage(1, first.paging.next.after);
  assert.notEqual(second.results[0].id, first.results[0].id);
  await basicApi.archive(created.id);
  assert.equal((await failure(basicApi.getById(created.id))).code, 404);
});

test('a batch upsert by a unique property writes once', async () => {
  const { batchApi, searchApi } = contacts();
  const inputs = [{ id: 'cy@example.com', idProperty: 'email', properties: { firstname: 'Cy' } }];
  const first = await batchApi.upsert({ inputs });
  const again = await batchApi.upsert({ inputs });
  assert.equal(again.results[0].id, first.results[0].id);
  assert.deepEqual([first.results[0]._new, again.results[0]._new], [true, false]);
  assert.equal((await searchApi.doSearch(equals('email', 'cy@example.com'))).total, 1);
});

test('what HubSpot refuses is an error with its category', async () => {
  const { basicApi } = contacts();
  await basicApi.create({ properties: { email: 'twin@example.com' } });
  for (const [status, category, call] of [
    [409, 'CONFLICT', () => basicApi.create({ properties: { email: 'twin@example.com' } })],
    [400, 'VALIDATION_ERROR', () => basicApi.create({ properties: { email: 'nobody' } })],
  ]) {
    const error = await failure(call());
    assert.deepEqual([error.code, error.body?.category], [status, category], String(error));
    assert.ok(error.body.correlationId);
  }
  for (const [fault, status, category] of [
    ['hubspot:expired-token', 401, 'EXPIRED_AUTHENTICATION'],
    ['hubspot:429', 429, 'RATE_LIMITS'],
  ]) {
    await broken([fault], async (upstreams) => {
      const error = await failure(contacts(upstreams).basicApi.getPage());
      assert.deepEqual([error.code, error.body?.category], [status, category], String(error));
    });
  }
});

test('more than 100 calls in ten seconds are refused without any fault', async () => {
  await broken([], async (upstreams) => {
    const { basicApi } = contacts(upstreams);
    const calls = [];
    for (let call = 0; call < 101; call += 1)
      calls.push(
        await basicApi.getPage().then(
          () => 200,
          ({ code }) => code,
        ),
      );
    assert.deepEqual(calls.slice(-2), [200, 429]);
  });
});
