// What holds for every route table and every request, tried with generated ones. A failure prints its seed.
import Ajv2020 from 'ajv/dist/2020';
import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import schema from '../routes.schema.json';
import dispatcher from '../src/index';
import { parseTable } from '../src/parse';
import { decide } from '../src/routes';
import { ConfigurationError, type RouteTable } from '../src/table';
import { environmentOf, errorLines } from './environment';

const validate = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(schema);

afterEach(() => void vi.restoreAllMocks());

/** Mostly what stands in tables, now and then something else. */
const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: other });
const odd = fc.constantFrom(null, 0, 1, 204, 1.5, -1, 4e9, true, [], {}, 'json', '\u0000');
const some = <T>(value: fc.Arbitrary<T>) => mostly(value, odd);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(some(value), { nil: undefined, freq: 1 });

const id = fc.constantFrom('a', 'a-b', 'b-c', 'c', 'db');
const word = mostly(id, fc.constantFrom('A', '', '-', 'a--b', '../x', 'a'.repeat(64), '_x', 'ü'));
const host = mostly(
  fc.constantFrom('do', 'API.do.', 'bücher.example', '[::1]', '127.0.0.1'),
  fc.constantFrom('do:1', 'a/b', '', 'a b'),
);
const path = mostly(
  fc.constantFrom('/', '/api', '/api/db', '/api//db/', '/bücher'),
  fc.constantFrom('api', '/api/*', '/a?b', ''),
);

const options = {
  name: optional(word),
  timeout_ms: optional(fc.constantFrom(1, 30_000)),
  expects: optional(fc.constant('json')),
  fallback: optional(fc.record({ status: optional(fc.constantFrom(200, 503)), body: some(word) })),
};
// No script beside tenant and adapter: that it must be theirs is the one thing that a schema cannot say.
const target = fc.oneof(
  fc.record({ service: optional(word), tenant: some(word), adapter: some(word) }),
  fc.record({ service: some(word), script: optional(word), tenant: optional(word) }),
  fc.record({ service: optional(word), script: optional(word), tenant: optional(word) }),
);
const rule = fc.oneof(
  fc.record({
    match: fc.constant('headers'),
    tenant_header: optional(mostly(fc.constant('x-t'), fc.constant('x t'))),
    ...options,
  }),
  fc.record({
    match: fc.constant('subdomain'),
    domain: some(host),
    services: some(fc.array(some(word))),
    ...options,
  }),
  fc
    .tuple(
      fc.record({
        match: fc.constant('path_prefix'),
        prefix: optional(path),
        strip: optional(fc.boolean()),
        ...options,
      }),
      target,
    )
    .map(([one, other]) => ({ ...one, ...other })),
  fc.record({
    match: fc.constant('routing_key'),
    from: mostly(fc.constantFrom('hostname', 'path'), fc.constant('body')),
    prefix: optional(path),
    strip: optional(fc.boolean()),
    ...options,
  }),
  fc
    .tuple(fc.record({ match: fc.constant('default'), hosts: optional(fc.array(some(host))), ...options }), target)
    .map(([one, other]) => ({ ...one, ...other })),
  fc.record({ match: mostly(fc.constant('headers'), word) }),
);
const table = fc
  .record({
    brand: optional(mostly(fc.constant('Code24'), fc.constant('A B'))),
    tenant: optional(word),
    available_services: some(fc.array(some(word))),
    not_deployed_hint: optional(word),
    metadata_headers: optional(fc.boolean()),
    rules: some(fc.array(rule, { maxLength: 5 })),
  })
  // As it comes from a file: without what is undefined.
  .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>);

const url = fc
  .tuple(
    fc.constantFrom('do', 'db.do', 'GATEWAY.DO.', 'xn--bcher-kva.example', '[::1]:8080', '127.0.0.1', 'a@b.example'),
    fc.constantFrom('/', '/api/db', '/api/db/a%2Fb?q=1', '/api//db', '//api', '/a', '/a/b', '/api/a-b', '/%2e%2e/api'),
  )
  .map(([host, path]) => `http://${host}${path}`);
const headers = fc
  .array(
    fc.tuple(fc.constantFrom('x-customer-id', 'x-script-id', 'x-t'), fc.constantFrom('a', 'a-b', 'c', '', 'A', '../x')),
  )
  .map((pairs) => new Headers(pairs));

function parsed(value: unknown): RouteTable | ConfigurationError {
  try {
    return parseTable(value);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
}

it('a table is refused by a configuration error or not at all, whatever it is', () => {
  fc.assert(
    fc.property(fc.oneof(table, fc.jsonValue()), (value) => {
      parsed(value);
    }),
    { numRuns: 3000 },
  );
});

it('the schema accepts what the dispatcher accepts', () => {
  let accepted = 0;
  fc.assert(
    fc.property(table, (value) => {
      const followed = !(parsed(value) instanceof ConfigurationError);
      if (followed) accepted += 1;
      expect(validate(value), JSON.stringify(validate.errors)).toBe(followed);
    }),
    { numRuns: 3000 },
  );
  expect(accepted, 'it was tried with tables that are right, too').toBeGreaterThan(100);
});

it('a decision names one script that fits the route, or says for each rule why not', async () => {
  let matched = 0;
  await fc.assert(
    fc.asyncProperty(table, url, headers, async (value, address, given) => {
      const read = parsed(value);
      fc.pre(!(read instanceof ConfigurationError));
      const keys = async (key: string) => (key === 'a' ? { tenant: 'a-b', adapter: 'c' } : null);
      const { route, verdicts } = await decide(read as RouteTable, new URL(address), given, keys);
      expect(verdicts.every((verdict) => verdict.reason !== '')).toBe(true);
      expect(verdicts.map((verdict) => verdict.matched).lastIndexOf(true)).toBe(route ? verdicts.length - 1 : -1);
      if (!route) {
        expect(verdicts).toHaveLength((read as RouteTable).rules.length);
        return;
      }
      matched += 1;
      expect(route.script).toMatch(/^[a-z0-9_][a-z0-9_-]{0,62}$/);
      if (route.path !== undefined) expect(route.path.startsWith('/')).toBe(true);
    }),
    { numRuns: 2000 },
  );
  expect(matched, 'it was tried with requests that a rule takes, too').toBeGreaterThan(100);
});

it('no ids lead to a script of a tenant that they do not name', async () => {
  errorLines();
  const ids = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }).map((words) => words.join('-'));
  const belongsTo = (name: string, tenant: string) => name.startsWith(`${tenant}-`);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(ids, { maxLength: 4 }),
      ids,
      ids,
      fc.boolean(),
      async (some, tenant, adapter, byKey) => {
        // As it is among tenants: none is called as another one plus a hyphen.
        const tenants = some.filter((one) => !some.some((other) => belongsTo(one, other)));
        const routing = {
          routes: { rules: [{ match: byKey ? 'routing_key' : 'headers', from: 'path' }] },
          ...Object.fromEntries(tenants.map((one) => [`tenant:${one}`, { egress: [] }])),
          'key:k': { tenant, adapter },
        };
        const { env, dispatched } = environmentOf(routing, { [`${tenant}-${adapter}`]: () => new Response('served') });
        const request = new Request('http://x/k', { headers: { 'x-customer-id': tenant, 'x-script-id': adapter } });
        const { status } = await dispatcher.fetch(request, env);
        const owner = tenants.find((one) => belongsTo(`${tenant}-${adapter}`, one)) ?? tenant;
        expect([status, dispatched.length]).toEqual(owner === tenant ? [200, 1] : [404, 0]);
      },
    ),
    { numRuns: 2000 },
  );
});
