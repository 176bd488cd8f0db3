import { expect, it } from 'vitest';
import { installCrm, salesforceError } from '../testing/crm';
import { collectLog } from '../testing/deliver';
import { installFetch } from '../testing/fetch';
import { findRecords, quoted, salesforce, upsertRecords } from './salesforce';

collectLog();
let app = 0;
const org = () => salesforce('example.my.salesforce.com', `module-${(app += 1)}`, 'secret', Date.now() + 3000);

it('sends 200 records at once, and the rest after them', async () => {
  const { calls, records } = installCrm({});
  const leads = Array.from({ length: 201 }, (_, id) => ({ Ext__c: String(id), LastName: 'Example' }));
  expect(await upsertRecords(org(), 'Lead', 'Ext__c', leads)).toEqual({ created: 201, updated: 0 });
  const [, ...writes] = calls;
  expect(writes.map(({ body }) => (body.records as unknown[]).length)).toEqual([200, 1]);
  expect(writes[0]?.body).toMatchObject({ allOrNone: false, records: { 0: { attributes: { type: 'Lead' } } } });
  expect(records.size).toBe(201);
});

it('asks for a token with the client’s credentials in a form', async () => {
  const { calls } = installCrm({});
  await upsertRecords(org(), 'Lead', 'Ext__c', [{ Ext__c: '1', LastName: 'Example' }]);
  expect(calls[0]?.body).toEqual({
    grant_type: 'client_credentials',
    client_id: `module-${app}`,
    client_secret: 'secret',
  });
  expect(calls[0]?.headers.get('content-type')).toBeNull();
});

it('calls nobody when there is nothing to write', async () => {
  const { calls } = installCrm({});
  expect(await upsertRecords(org(), 'Lead', 'Ext__c', [])).toEqual({ created: 0, updated: 0 });
  expect(calls).toEqual([]);
});

it.each([
  [401, 'invalid_client', 'Check SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET'],
  [404, 'NOT_FOUND', 'Check SALESFORCE_DOMAIN'],
  [400, 'INVALID_FIELD', 'Compare [mapping]'],
])('says what to correct after %d %s', async (status, code, advice) => {
  installCrm({}, ({ url }) => (url.endsWith('/token') ? undefined : salesforceError(status, code)));
  const writing = upsertRecords(org(), 'Lead', 'Ext__c', [{ Ext__c: '1' }]);
  await expect(writing).rejects.toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining(advice) as string,
  });
});

it('takes a locked row for something that passes', async () => {
  const locked = { success: false, errors: [{ statusCode: 'UNABLE_TO_LOCK_ROW', message: 'Locked' }] };
  installCrm({}, ({ url }) => (url.endsWith('/token') ? undefined : Response.json([locked])));
  const writing = upsertRecords(org(), 'Lead', 'Ext__c', [{ Ext__c: '1' }]);
  await expect(writing).rejects.toMatchObject({ code: 'salesforce_unavailable', retry: 'again' });
});

it('finds records by a text that cannot end its query', async () => {
  const calls = installFetch(({ url }) =>
    url.endsWith('/token') ? Response.json({ access_token: 't' }) : Response.json({ records: [{ Id: '1' }, null] }),
  );
  const query = `SELECT Id FROM Contact WHERE Name = ${quoted(`x' OR Name != '\\\n"`)}`;
  expect(await findRecords(org(), query)).toEqual([{ Id: '1' }]);
  const asked = new URL(calls[1]?.url ?? '').searchParams.get('q');
  expect(asked).toBe(`SELECT Id FROM Contact WHERE Name = 'x\\' OR Name != \\'\\\\\\n\\"'`);
});
