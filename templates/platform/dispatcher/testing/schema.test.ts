// routes.schema.json and the dispatcher accept the presets and refuse the same tables.
import Ajv2020 from 'ajv/dist/2020';
import { describe, expect, it } from 'vitest';
import bringYourOwn from '../../routes/bring-your-own.json';
import code24 from '../../routes/code24.json';
import defaultTable from '../../routes/default.json';
import dotdo from '../../routes/dotdo.json';
import schema from '../routes.schema.json';
import { parseTable } from '../src/parse';
import { ConfigurationError } from '../src/table';
import wrongTables from './wrong-tables.json';

const validate = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }).compile(
  schema,
);

it.each(Object.entries({ bringYourOwn, code24, defaultTable, dotdo }))('accepts the preset %s', (_, table) => {
  expect(validate(table) || validate.errors).toBe(true);
  expect(parseTable(table).rules).toHaveLength(table.rules.length);
});

it('accepts every option of every rule', () => {
  const options = { name: 'n', timeout_ms: 1, expects: 'json', fallback: { body: null } };
  const rules = [
    { match: 'headers', tenant_header: 'x-tenant', adapter_header: 'x-adapter', ...options },
    { match: 'subdomain', domain: 'example.com', services: ['a'], ...options },
    { match: 'path_prefix', prefix: '/a', strip: true, tenant: 'customer-a', adapter: 'slack-to-notion', ...options },
    { match: 'routing_key', from: 'path', prefix: '/hooks', strip: true, ...options },
    { match: 'default', hosts: ['do', '[::1]'], service: 'gateway', script: 'gateway-2', ...options },
  ];
  expect(validate({ rules }) || validate.errors).toBe(true);
  expect(parseTable({ rules }).rules).toEqual(rules);
});

// A script that is not the adapter's own is the one thing that a schema cannot say.
const beyondSchema = new Set(['rules[0].script']);

describe.each(wrongTables)('a table that is wrong at "$at" ($problem)', ({ table, at, problem }) => {
  it('is refused by the dispatcher, which says where and why', () => {
    expect(() => parseTable(table)).toThrow(ConfigurationError);
    expect(() => parseTable(table)).toThrow(`The route table is wrong at ${at || 'its beginning'}: it ${problem}`);
  });

  it('is refused by the schema, as far as a schema can say it', () => {
    expect(validate(table)).toBe(beyondSchema.has(at));
  });
});

it('the schema marks a key that nobody reads, and the dispatcher leaves it to those who check the file', () => {
  const table = { rules: [{ match: 'headers', service: 'a' }], colour: 'red' };
  expect(validate(table)).toBe(false);
  expect(parseTable(table).rules).toHaveLength(1);
});
