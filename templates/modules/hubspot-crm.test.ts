import { expect, it } from 'vitest';
import { hubspotError, installCrm } from '../testing/crm';
import { collectLog } from '../testing/deliver';
import { hubspotCrm, propertiesIn, readContacts } from './hubspot-crm';

collectLog();
const crm = () => hubspotCrm('api.hubapi.com', 'example-token', Date.now() + 3000);

it('reads a hundred contacts at once, those that are there, with the properties that are asked for', async () => {
  const held = Object.fromEntries(Array.from({ length: 150 }, (_, id) => [String(id), { email: `${id}@example.com` }]));
  const { calls } = installCrm(held);
  const ids = [...Object.keys(held), '999'];
  const contacts = await readContacts(crm(), ids, ['email', 'phone']);
  expect(calls.map(({ body }) => (body.inputs as unknown[]).length)).toEqual([100, 51]);
  expect(contacts).toHaveLength(150);
  expect(contacts[7]).toEqual({ id: '7', email: '7@example.com', phone: '' });
});

it('finds the properties that a mapping reads', () => {
  const mapping = {
    A: '{contact.email} {contact.firstname | truncate:3}',
    B: { value: '{contact.id}{contact.email}' },
  };
  expect(propertiesIn({ ...mapping, C: 'text' })).toEqual(['email', 'firstname']);
  expect(propertiesIn(undefined)).toEqual([]);
});

it.each([
  [401, 'INVALID_AUTHENTICATION', 'HubSpot answered 401 INVALID_AUTHENTICATION: Wrong. Check HUBSPOT_TOKEN'],
  [
    403,
    'MISSING_SCOPES',
    'HubSpot answered 403 MISSING_SCOPES: Wrong. Give the private app of HUBSPOT_TOKEN the scope',
  ],
])('says what to correct after %d', async (status, category, message) => {
  installCrm({}, () => hubspotError(status, category));
  await expect(readContacts(crm(), ['1'], [])).rejects.toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining(message) as string,
  });
});

it('asks for ten seconds after 429', async () => {
  installCrm({}, () => hubspotError(429, 'RATE_LIMITS'));
  await expect(readContacts(crm(), ['1'], [])).rejects.toMatchObject({ retry: 'again', retryAfterSeconds: 10 });
});

it('calls the host of the account, and no other than HubSpot’s', async () => {
  const { calls } = installCrm({});
  await readContacts(hubspotCrm('api-eu1.hubapi.com', 'example-token', Date.now() + 3000), ['1'], []);
  expect(calls[0]?.url).toBe('https://api-eu1.hubapi.com/crm/v3/objects/contacts/batch/read');
  expect(() => hubspotCrm('api.hubapi.com.example', 'example-token', 0)).toThrow('HUBSPOT_HOST is api.hubapi.com or');
});
