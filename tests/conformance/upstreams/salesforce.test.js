// jsforce on the simulated Salesforce.
import assert from 'node:assert/strict';
import jsforce from 'jsforce';
import { after, before, test } from 'node:test';
import { broken, failure, ServedUpstreams } from './bench.js';

let served;
before(async () => {
  served = await ServedUpstreams.start();
});
after(() => served?.stop());

function connection(upstreams = served) {
  const instanceUrl = upstreams.base('example.my.salesforce.com');
  return new jsforce.Connection({ instanceUrl, accessToken: 'example-session', version: '66.0', maxRequest: 1 });
}

const lead = (fields) => ({ LastName: 'Ada', Company: 'Example GmbH', ...fields });

test('a lead is created, read back, changed, queried and removed', async () => {
  const org = connection();
  const { id, success } = await org.sobject('Lead').create(lead({ Email: 'ada@example.com' }));
  assert.ok(success);
  const read = await org.sobject('Lead').retrieve(id);
  assert.equal(read.Company, 'Example GmbH');
  await org.sobject('Lead').update({ Id: id, Company: 'Other GmbH' });
  const found = await org.query("SELECT Id, Company FROM Lead WHERE Email = 'ada@example.com'");
  assert.deepEqual([found.totalSize, found.done, found.records[0].Company], [1, true, 'Other GmbH']);
  const first = await org.sobject('Lead').findOne({ Email: 'ada@example.com' }, ['Id']);
  assert.equal(first.Id, id);
  assert.equal((await org.sobject('Lead').destroy(id)).success, true);
  assert.equal((await failure(org.sobject('Lead').retrieve(id))).errorCode, 'ENTITY_IS_DELETED');
});

test('an upsert by an external id writes once, also in a collection', async () => {
  const org = connection();
  const first = await org.sobject('Lead').upsert(lead({ Event_Id__c: 'evt-1' }), 'Event_Id__c');
  assert.equal(first.success, true);
  await org.sobject('Lead').upsert(lead({ Event_Id__c: 'evt-1', Company: 'Once GmbH' }), 'Event_Id__c');
  const found = await org.query("SELECT Company FROM Lead WHERE Event_Id__c = 'evt-1'");
  assert.deepEqual(
    found.records.map(({ Company }) => Company),
    ['Once GmbH'],
  );
  const many = ['a', 'b'].map((key) => lead({ Key__c: key }));
  const results = await org.sobject('Lead').upsert(many, 'Key__c');
  assert.deepEqual(
    results.map(({ success }) => success),
    [true, true],
  );
});

test('what Salesforce refuses is an error with its code', async () => {
  const org = connection();
  for (const [code, call] of [
    ['REQUIRED_FIELD_MISSING', () => org.sobject('Lead').create({ Company: 'X' })],
    ['INVALID_FIELD', () => org.sobject('Lead').create(lead({ Colour: 'red' }))],
    ['NOT_FOUND', () => org.sobject('Spaceship').create({ Name: 'x' })],
    ['MALFORMED_QUERY', () => org.query('SELECT FROM Lead')],
  ]) {
    const error = await failure(call());
    assert.equal(error.errorCode, code, String(error));
  }
  for (const [fault, code] of [
    ['salesforce:expired-token', 'INVALID_SESSION_ID'],
    ['salesforce:403', 'REQUEST_LIMIT_EXCEEDED'],
    ['salesforce:503', 'SERVER_UNAVAILABLE'],
  ]) {
    await broken([fault], async (upstreams) => {
      const error = await failure(connection(upstreams).sobject('Lead').create(lead()));
      assert.equal(error.errorCode, code, `${fault}: ${error}`);
    });
  }
});

test('the calls of the day are told by the client', async () => {
  const org = connection();
  await org.query('SELECT Id FROM Account');
  assert.deepEqual(org.limitInfo.apiUsage.limit, 15000);
  assert.ok(org.limitInfo.apiUsage.used >= 1);
});
