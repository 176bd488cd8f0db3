// routes.schema.json accepts the presets and refuses what the dispatcher could not follow.
import Ajv2020 from 'ajv/dist/2020';
import { expect, it } from 'vitest';
import bringYourOwn from '../../routes/bring-your-own.json';
import code24 from '../../routes/code24.json';
import defaultTable from '../../routes/default.json';
import dotdo from '../../routes/dotdo.json';
import schema from '../routes.schema.json';

const validate = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }).compile(
  schema,
);

it.each(Object.entries({ bringYourOwn, code24, defaultTable, dotdo }))('accepts the preset %s', (_, table) => {
  expect(validate(table) || validate.errors).toBe(true);
});

it('accepts every option of every rule', () => {
  const options = { name: 'n', timeout_ms: 1, expects: 'json', fallback: { body: null } };
  const rules = [
    { match: 'headers', tenant_header: 'x-tenant', adapter_header: 'x-adapter', ...options },
    { match: 'subdomain', domain: 'example.com', services: ['a'], ...options },
    { match: 'path_prefix', prefix: '/a', strip: true, tenant: 'customer-a', adapter: 'slack-to-notion', ...options },
    { match: 'routing_key', from: 'path', prefix: '/hooks', strip: true, ...options },
    { match: 'default', hosts: ['do'], service: 'gateway', script: 'gateway-2', ...options },
  ];
  expect(validate({ rules }) || validate.errors).toBe(true);
});

it.each([
  [{}],
  [{ rules: {} }],
  [{ rules: [{}] }],
  [{ rules: [{ match: 'moon' }] }],
  [{ rules: [{ match: 'headers', service: 'a' }] }],
  [{ rules: [{ match: 'default' }] }],
  [{ rules: [{ match: 'default', tenant: 'a' }] }],
  [{ rules: [{ match: 'path_prefix', prefix: 'api', service: 'a' }] }],
  [{ rules: [{ match: 'path_prefix', service: 'a' }] }],
  [{ rules: [{ match: 'subdomain', services: ['a'] }] }],
  [{ rules: [{ match: 'routing_key', from: 'body' }] }],
  [{ rules: [{ match: 'default', service: 'a', timeout_ms: 0 }] }],
  [{ rules: [{ match: 'default', service: 'a', fallback: {} }] }],
  [{ rules: [], brand: 'A B' }],
  [{ rules: [], tenant: '../x' }],
  [{ rules: [], colour: 'red' }],
])('refuses %j', (table) => {
  expect(validate(table)).toBe(false);
});
