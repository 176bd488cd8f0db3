import { describe, expect, it } from 'vitest';
import bringYourOwn from '../../routes/bring-your-own.json';
import code24 from '../../routes/code24.json';
import defaultTable from '../../routes/default.json';
import dotdo from '../../routes/dotdo.json';
import { parseTable } from './parse';
import { decide } from './routes';
import { bindingName } from './routing';
import { ConfigurationError, type RoutingKey } from './table';

const keys: Record<string, RoutingKey> = {
  'k-123': { tenant: 'customer-a', adapter: 'slack-to-notion' },
  'hooks.customer-b.example': { tenant: 'customer-b', adapter: 'teams-to-airtable' },
};

async function decided(table: unknown, url: string, headers: HeadersInit = {}) {
  const lookUp = async (key: string) => keys[key] ?? null;
  const decision = await decide(parseTable(table), new URL(url), new Headers(headers), lookUp);
  const { script = null, tenant, adapter, service, path } = decision.route ?? {};
  return { script, tenant, adapter, service, path, verdicts: decision.verdicts };
}

describe('bring-your-own', () => {
  it('joins the two headers to the script name', async () => {
    const headers = { 'X-Customer-Id': 'customer-a', 'x-script-id': 'slack-to-notion' };
    const decision = await decided(bringYourOwn, 'https://any.example/any', headers);
    expect(decision).toMatchObject({
      script: 'customer-a-slack-to-notion',
      tenant: 'customer-a',
      adapter: 'slack-to-notion',
    });
    expect(decision.path).toBeUndefined();
  });

  it.each([
    [{}, 'The header x-customer-id is missing'],
    [{ 'x-customer-id': 'customer-a' }, 'The header x-script-id is missing'],
    [{ 'x-customer-id': '../x', 'x-script-id': 'a' }, 'The header x-customer-id does not hold an id'],
    [{ 'x-customer-id': 'a', 'x-script-id': 'B c' }, 'The header x-script-id does not hold an id'],
    [{ 'x-customer-id': 'a--b', 'x-script-id': 'c' }, 'The header x-customer-id does not hold an id'],
    [{ 'x-customer-id': '', 'x-script-id': 'c' }, 'The header x-customer-id does not hold an id'],
    [{ 'x-customer-id': 'a', 'x-script-id': '' }, 'The header x-script-id does not hold an id'],
    [{ 'x-customer-id': 'Customer-A', 'x-script-id': 'c' }, 'The header x-customer-id does not hold an id'],
    [{ 'x-customer-id': 'a'.repeat(33), 'x-script-id': 'c' }, 'The header x-customer-id does not hold an id'],
    [{ 'x-customer-id': 'a', 'x-script-id': 'c'.repeat(30) }, 'The header x-script-id does not hold an id'],
    [{ 'x-customer-id': 'a%2Db', 'x-script-id': 'c' }, 'The header x-customer-id does not hold an id'],
  ])('says why %j leads nowhere', async (headers: Record<string, string>, reason) => {
    const { script, verdicts } = await decided(bringYourOwn, 'https://any.example/', headers);
    expect(script).toBeNull();
    expect(verdicts).toEqual([{ rule: 'headers', matched: false, reason }]);
  });
});

it('a header that was sent twice names nobody', async () => {
  const headers: [string, string][] = [
    ['x-customer-id', 'customer-a'],
    ['x-customer-id', 'customer-b'],
    ['x-script-id', 'slack-to-notion'],
  ];
  const { script, verdicts } = await decided(bringYourOwn, 'https://any.example/', headers);
  expect([script, verdicts[0]?.reason]).toEqual([null, 'The header x-customer-id does not hold an id']);
});

describe('hosts', () => {
  const rules = [
    { match: 'subdomain', domain: 'Bücher.example.', services: ['db'] },
    { match: 'default', hosts: ['API.do.', '[::1]', '127.0.0.1'], service: 'gateway' },
  ];
  it.each([
    ['http://db.bücher.example/', 'db'],
    ['http://DB.XN--BCHER-KVA.EXAMPLE:8080/', 'db'],
    ['http://db.bücher.example./', 'db'],
    ['http://db.bucher.example/', null],
    ['http://api.do:4781/', 'gateway'],
    ['http://user@api.do/', 'gateway'],
    ['http://api.do@evil.example/', null],
    ['http://[::1]:4781/', 'gateway'],
    ['http://[0:0:0:0:0:0:0:1]/', 'gateway'],
    ['http://2130706433/', 'gateway'],
    ['http://api.do.evil.example/', null],
    ['http://.do/', null],
  ])('%s → %s', async (url, script) => {
    expect((await decided({ rules }, url)).script).toBe(script);
  });
});

describe('paths', () => {
  const rules = [{ match: 'path_prefix', prefix: '/api/db', strip: true, service: 'db' }];
  it.each<[string, string | null | undefined]>([
    ['/api/db', '/'],
    ['/api/db/', '/'],
    ['/api/db?q=/x', '/'],
    ['/api/db/a%2Fb', '/a%2Fb'],
    ['/api/db//a', '//a'],
    ['/api/db//evil.example/', '//evil.example/'],
    ['/api/db/%C3%BC', '/%C3%BC'],
    ['/api/x/../db/a', '/a'],
    ['/api/db/%2e%2e/db/a', '/a'],
    ['/api\\db/a', '/a'],
    ['/api/dbx', undefined],
    ['/api/db%2Fa', undefined],
    ['/api/db;a', undefined],
    ['/api//db/a', undefined],
    ['//api/db/a', undefined],
    ['/%61pi/db/a', undefined],
    ['/API/db/a', undefined],
    ['/api/db/../auth', undefined],
    ['/api/db/%2e%2e/auth', undefined],
  ])('%s is under /api/db: %s', async (path, stripped) => {
    const decision = await decided({ rules }, `http://api.do${path}`);
    expect([decision.script, decision.path]).toEqual(stripped === undefined ? [null, undefined] : ['db', stripped]);
  });

  it('a prefix is written as people write it, and compared as URLs have it', async () => {
    const written = (prefix: string) => ({ rules: [{ match: 'path_prefix', prefix, strip: true, service: 'db' }] });
    expect((await decided(written('/bücher/'), 'http://api.do/b%C3%BCcher/a')).path).toBe('/a');
    expect((await decided(written('/api/./db'), 'http://api.do/api/db/a')).path).toBe('/a');
    expect((await decided(written('/'), 'http://api.do/api//db')).path).toBe('/api//db');
  });
});

describe('dotdo', () => {
  const services = ['gateway', 'db', 'auth', 'schedule', 'webhooks', 'email', 'mcp', 'queue'];
  it.each<[string, string | null]>([
    ...services.map((service): [string, string] => [`https://${service}.do/x`, service]),
    ['https://DB.do./query?a=1', 'db'],
    ['https://gateway.do/api/db/query', 'gateway'],
    ['https://api.do/api/db/query', 'db'],
    ['https://api.do/api/db', 'db'],
    ['https://unknown.do/api/auth/login', 'auth'],
    ['https://do/api/schedule/', 'schedule'],
    ['https://do/', 'gateway'],
    ['https://api.do/api/dbx', 'gateway'],
    ['https://api.do/api/webhooks/x', 'gateway'],
    ['https://unknown.do/test', null],
    ['https://a.gateway.do/test', null],
    ['https://gatewaydo/test', null],
    ['https://undo/', null],
  ])('%s → %s', async (url, script) => {
    const decision = await decided(dotdo, url);
    expect(decision.script).toBe(script);
    expect(decision.path, 'it passes everything untouched').toBeUndefined();
  });

  it('says for each rule why it did not match', async () => {
    const { verdicts } = await decided(dotdo, 'https://unknown.do/test');
    expect(verdicts.map(({ rule, matched }) => [rule, matched])).toEqual([
      ['subdomain *.do', false],
      ['path_prefix /api/db', false],
      ['path_prefix /api/auth', false],
      ['path_prefix /api/schedule', false],
      ['default', false],
    ]);
    expect(verdicts[0]?.reason).toBe(`unknown is not one of ${services.join(', ')}`);
    expect(verdicts[1]?.reason).toBe('The path /test is not under /api/db');
    expect(verdicts[4]?.reason).toBe('The host unknown.do is not one of do, api.do');
  });
});

describe('code24', () => {
  it.each([
    ['/api/competitive/analyze', 'competitive-analysis', 'competitive-analysis-staging', '/analyze'],
    ['/api/market/research/deep', 'market-research', 'market-research-staging', '/research/deep'],
    ['/elite/brand/create', 'brand-worker', 'brand-worker-staging', '/create'],
    ['/elite/design/', 'designer-worker', 'designer-worker-staging', '/'],
    ['/elite/develop', 'developer-worker', 'advanced-developer-worker-staging', '/'],
  ])('%s → %s', async (path, service, script, stripped) => {
    expect(await decided(code24, `https://api.code24.example${path}`)).toMatchObject({
      service,
      script,
      path: stripped,
    });
  });

  it.each(['/', '/api/brand/x', '/elite/market/x', '/api/marketing'])('%s leads nowhere', async (path) => {
    expect((await decided(code24, `https://api.code24.example${path}`)).script).toBeNull();
  });
});

describe('routing keys', () => {
  it.each([
    ['https://patchbay.example/hooks/k-123', 'customer-a-slack-to-notion'],
    ['https://patchbay.example/hooks/k-123/slack/events', 'customer-a-slack-to-notion'],
    ['https://hooks.customer-b.example/anything', 'customer-b-teams-to-airtable'],
    ['https://patchbay.example/hooks/k-124', null],
    ['https://patchbay.example/hooks/', null],
    ['https://patchbay.example/hooks/a%2Fb', null],
    ['https://patchbay.example/k-123', null],
  ])('%s → %s', async (url, script) => {
    expect((await decided(defaultTable, url)).script).toBe(script);
  });

  it('strips prefix and key where the rule says so', async () => {
    const rules = [{ match: 'routing_key', from: 'path', prefix: '/hooks/', strip: true }];
    expect((await decided({ rules }, 'https://x.example/hooks/k-123/events')).path).toBe('/events');
    expect((await decided({ rules }, 'https://x.example/hooks/k-123')).path).toBe('/');
  });

  it('does not show an unknown key', async () => {
    const { verdicts } = await decided(defaultTable, 'https://patchbay.example/hooks/k-mistyped');
    expect(JSON.stringify(verdicts)).not.toContain('k-mistyped');
  });
});

it('the first rule that matches decides', async () => {
  const rules = [
    { match: 'default', service: 'first' },
    { match: 'default', service: 'second' },
  ];
  const { script, verdicts } = await decided({ rules }, 'https://x.example/');
  expect(script).toBe('first');
  expect(verdicts).toHaveLength(1);
});

it('a rule may name a tenant and an adapter', async () => {
  const rules = [{ match: 'path_prefix', prefix: '/slack', tenant: 'customer-a', adapter: 'slack-to-notion' }];
  expect(await decided({ rules }, 'https://x.example/slack')).toMatchObject({
    script: 'customer-a-slack-to-notion',
    tenant: 'customer-a',
    adapter: 'slack-to-notion',
  });
});

it('a routing key that names nobody is a configuration error, which does not show the key', async () => {
  for (const found of [{}, { tenant: 'customer-a' }, { tenant: '../x', adapter: 'a' }, 7]) {
    const lookUp = async () => found as RoutingKey;
    const decision = decide(parseTable(defaultTable), new URL('https://x.example/hooks/k-9'), new Headers(), lookUp);
    await expect(decision).rejects.toThrow(ConfigurationError);
    await expect(decision).rejects.not.toThrow('k-9');
  }
});

it.each([
  ['production', 'eu', ['PRODUCTION', 'PRODUCTION_EU'], 'PRODUCTION_EU'],
  ['production', 'us', ['PRODUCTION', 'PRODUCTION_EU'], 'PRODUCTION'],
  ['production', undefined, ['PRODUCTION'], 'PRODUCTION'],
  ['staging', 'ap-south', ['STAGING', 'STAGING_AP_SOUTH'], 'STAGING_AP_SOUTH'],
  ['development', 'eu', ['PRODUCTION'], undefined],
])('%s in %s with %j bound is %s', (environment, region, bound, expected) => {
  expect(bindingName(environment, region, (name) => bound.includes(name))).toBe(expected);
});

it('an environment that is not one picks no binding of that name', () => {
  expect(() => bindingName('routing', undefined, () => true)).toThrow('ENVIRONMENT must be production');
});
