import { describe, expect, it } from 'vitest';
import { installOrg } from '../../../testing/org';
import { collectLog } from '../../../testing/deliver';
import { findPerson, personIn } from './people';
import { salesforce } from './salesforce';

collectLog();
let app = 0;
const org = () => salesforce('example.my.salesforce.com', `app-${(app += 1)}`, 'secret', Date.now() + 5000);

describe('the address', () => {
  it.each<[unknown, string | undefined]>([
    ['ada@example.com', 'ada@example.com'],
    [' Ada@Example.COM\n', 'ada@example.com'],
    ["o'hara+x@example.com", "o'hara+x@example.com"],
    ['jörg@bücher.example', 'jörg@bücher.example'],
    ['', undefined],
    ['ada', undefined],
    ['a@b@c', undefined],
    ['two words@example.com', undefined],
    ['a\u0000@example.com', undefined],
    [`${'a'.repeat(80)}@example.com`, undefined],
    [null, undefined],
    [42, undefined],
    [['ada@example.com'], undefined],
    [{ toString: 1 }, undefined],
  ])('%j is %j', (email, expected) => {
    expect(personIn('{data.email}', { data: { email } })).toBe(expected);
  });

  it('is nobody’s where the event has no such field', () => {
    for (const document of [{}, { data: null }, { data: [] }, { data: 'x' }]) {
      expect(personIn('{data.email}', document)).toBeUndefined();
    }
  });

  it.each([
    ['', 'PERSON_EMAIL is not set'],
    ['{data.email', 'The mapping of "PERSON_EMAIL"'],
  ])('cannot be read by %j', (expression, message) => {
    expect(() => personIn(expression, {})).toThrow(message);
  });
});

it('asks for the fields that the mapping names, once each', async () => {
  const { queries } = installOrg({});
  await findPerson(org(), 'ada@example.com', {
    a: '{contact.Title} of { account.Name | upper}',
    b: { value: '{account.Name}', default: 'x' },
    c: '{account.Segment__c}{data.contact.Phone}',
  });
  expect(queries).toEqual([
    "SELECT Id, Title, Account.Name, Account.Segment__c FROM Contact WHERE Email = 'ada@example.com' ORDER BY LastModifiedDate DESC LIMIT 1",
  ]);
});

it('keeps what it found apart by address, org and fields', async () => {
  const { queries } = installOrg({ 'ada@example.com': { Id: '1', Account: null } });
  const one = org();
  const mapping = { a: '{contact.Id}' };
  for (let times = 0; times < 3; times += 1) {
    expect(await findPerson(one, 'ada@example.com', mapping)).toEqual({
      person: 'known',
      contact: { Id: '1' },
      account: {},
    });
  }
  expect(queries).toHaveLength(1);
  await findPerson(one, 'grace@example.com', mapping);
  await findPerson(one, 'ada@example.com', { a: '{contact.Phone}' });
  await findPerson(org(), 'ada@example.com', mapping);
  expect(queries).toHaveLength(4);
});

it('inj-soql: no address ends the query', async () => {
  const addresses = ["'@x.example", "\\'@x.example", "a'or'name'like'%@x.example", '\\@x.example', '"@x.example'];
  const { queries } = installOrg(Object.fromEntries(addresses.map((address, index) => [address, { Id: `${index}` }])));
  for (const [index, address] of addresses.entries()) {
    const { contact } = await findPerson(org(), personIn('{email}', { email: address }), {});
    expect(contact).toEqual({ Id: `${index}` });
  }
  expect(queries).toHaveLength(addresses.length);
});
