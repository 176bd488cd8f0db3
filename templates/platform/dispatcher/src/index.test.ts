import { afterEach, describe, expect, it, vi } from 'vitest';
import bringYourOwn from '../../routes/bring-your-own.json';
import code24 from '../../routes/code24.json';
import defaultTable from '../../routes/default.json';
import dotdo from '../../routes/dotdo.json';
import dispatcher from './index';
import { type Script, environmentOf, errorLines } from '../testing/environment';

afterEach(() => void vi.restoreAllMocks());

const tenant = {
  region: 'eu',
  egress: ['api.notion.com'],
  rate_limit: { requests_per_second: 5 },
  limits: { cpu_ms: 50, subrequests: 20 },
};
const toCustomerA = { headers: { 'x-customer-id': 'customer-a', 'x-script-id': 'slack-to-notion' } };

describe('what reaches the script', () => {
  it('is the request itself, with the tenant’s limits and outbound parameters', async () => {
    let seen: Request | undefined;
    const serve: Script = (request) => ((seen = request), new Response('ok', { headers: { 'x-own': '1' } }));
    const routing = { routes: bringYourOwn, 'tenant:customer-a': tenant };
    const { env, dispatched } = environmentOf(routing, { 'customer-a-slack-to-notion': serve });
    const request = new Request('https://x.example/a?b=%20c', { ...toCustomerA, method: 'PATCH', body: 'bytes' });
    const answer = await dispatcher.fetch(request, env);
    expect(seen, 'not even a copy').toBe(request);
    expect(await seen?.text()).toBe('bytes');
    expect([answer.status, await answer.text(), [...answer.headers.keys()]]).toEqual([
      200,
      'ok',
      ['content-type', 'x-own'],
    ]);
    expect(dispatched).toEqual([
      {
        binding: 'PRODUCTION',
        script: 'customer-a-slack-to-notion',
        options: {
          limits: { cpuMs: 50, subRequests: 20 },
          outbound: {
            tenant: 'customer-a',
            adapter: 'slack-to-notion',
            region: 'eu',
            egress: ['api.notion.com'],
            limits: { cpu_ms: 50, subrequests: 20, requests_per_second: 5 },
          },
        },
      },
    ]);
  });

  it('has the shorter path and the rest unchanged where a rule strips its prefix', async () => {
    const serve: Script = async (request) =>
      Response.json([request.method, request.url, request.headers.get('x-kept'), await request.text()]);
    const { env } = environmentOf({ routes: code24 }, { 'market-research-staging': serve }, { environment: 'staging' });
    const request = new Request('https://x.example/api/market/a%2Fb?q=1', {
      method: 'PUT',
      headers: { 'x-kept': 'yes' },
      body: 'bytes',
    });
    const answer = await dispatcher.fetch(request, env);
    expect(await answer.json()).toEqual(['PUT', 'https://x.example/a%2Fb?q=1', 'yes', 'bytes']);
  });

  it('comes from the namespace of the region, where there is one', async () => {
    const routing = { routes: bringYourOwn, 'tenant:customer-a': tenant };
    const bindings = ['PRODUCTION', 'PRODUCTION_EU'];
    const { env, dispatched } = environmentOf(
      routing,
      { 'customer-a-slack-to-notion': () => new Response() },
      { bindings },
    );
    await dispatcher.fetch(new Request('https://x.example/', toCustomerA), env);
    expect(dispatched[0]?.binding).toBe('PRODUCTION_EU');
  });

  it('may call nobody when the tenant has no settings', async () => {
    const { env, dispatched } = environmentOf(
      { routes: bringYourOwn },
      { 'customer-a-slack-to-notion': () => new Response() },
    );
    await dispatcher.fetch(new Request('https://x.example/', toCustomerA), env);
    expect(dispatched[0]?.options).toMatchObject({ outbound: { region: '', egress: [] } });
  });
});

describe('a script has one owner', () => {
  const routing = {
    routes: defaultTable,
    'tenant:a': { egress: ['api.notion.com'] },
    'key:k-1': { tenant: 'a-b', adapter: 'c' },
  };
  const scripts = { 'a-b-c': () => new Response('a’s'), 'x-y-z': () => new Response('nobody’s') };
  async function asked(tenant: string, adapter: string, url = 'https://x.example/') {
    errorLines();
    const { env, dispatched } = environmentOf(routing, scripts);
    const headers = new Headers(url.includes('k-1') ? {} : { 'x-customer-id': tenant, 'x-script-id': adapter });
    const answer = await dispatcher.fetch(new Request(url, { headers }), env);
    return { status: answer.status, text: await answer.text(), dispatched: dispatched.length };
  }

  it('and only the owner reaches it', async () => {
    expect(await asked('a', 'b-c')).toMatchObject({ status: 200, text: 'a’s' });
    const crafted = await asked('a-b', 'c');
    expect(crafted.dispatched, 'the namespace is not even asked').toBe(0);
    expect([crafted.status, JSON.parse(crafted.text)]).toMatchObject([404, { error: 'Service not deployed' }]);
    expect((await asked('', '', 'https://x.example/hooks/k-1')).status, 'nor by a routing key').toBe(404);
  });

  it('the answer is that for a script which is not there', async () => {
    const [foreign, missing] = [await asked('a-b', 'c'), await asked('q-b', 'c')];
    expect(foreign.text.replaceAll('a-b-c', 'q-b-c')).toBe(missing.text);
  });

  it('and where nobody is known to own it, it may call nobody', async () => {
    expect(await asked('x-y', 'z')).toMatchObject({ status: 200, text: 'nobody’s' });
  });
});

it('a host that is no host is answered with JSON', async () => {
  errorLines();
  const { env } = environmentOf({ routes: bringYourOwn });
  const request = { url: 'http://a b/', headers: new Headers(), method: 'GET' } as unknown as Request;
  const answer = await dispatcher.fetch(request, env);
  expect([answer.status, await answer.json()]).toMatchObject([500, { error: 'Internal server error' }]);
});

describe('the three bodies, word for word', () => {
  async function textOf(url: string, scripts = {}, options = {}): Promise<[number, string, string | null]> {
    const { env } = environmentOf({ routes: dotdo }, scripts, options);
    const answer = await dispatcher.fetch(new Request(url), env);
    return [answer.status, await answer.text(), answer.headers.get('content-type')];
  }

  it('no rule', async () => {
    expect(await textOf('https://unknown.do:8443/test?q=1')).toEqual([
      404,
      '{"error":"Service not found","message":"No worker found for unknown.do:8443/test",' +
        '"available_services":["gateway","db","auth","schedule","webhooks","email","mcp","queue"]}',
      'application/json',
    ]);
  });

  it.each(['production', 'staging', 'development'])('not deployed in %s', async (environment) => {
    errorLines();
    expect(await textOf('https://gateway.do/health', {}, { environment })).toEqual([
      404,
      `{"error":"Service not deployed","message":"Worker \\"gateway\\" not found in ${environment} namespace",` +
        '"hint":"Service may not be deployed yet. Deploy via Deploy API."}',
      'application/json',
    ]);
  });

  it('thrown, without what the script said', async () => {
    const lines = errorLines();
    const scripts = {
      gateway: () => {
        throw new TypeError('could not use token example-canary');
      },
    };
    const [status, body] = await textOf('https://gateway.do/health', scripts);
    expect([status, body]).toEqual([
      500,
      '{"error":"Internal server error","message":"Worker \\"gateway\\" threw an exception"}',
    ]);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      event: 'dispatch_failed',
      script: 'gateway',
      rule: 'subdomain *.do',
    });
    expect(lines.join()).not.toMatch(/example-canary|\.ts:\d/);
  });

  it.each([
    [{ environment: null }, 'ENVIRONMENT is not set'],
    [{ environment: 'staging', bindings: ['PRODUCTION'] }, 'No dispatch namespace is bound for environment: staging'],
  ])('configuration %j', async (options, message) => {
    errorLines();
    const [status, body] = await textOf('https://gateway.do/', {}, options);
    expect([status, JSON.parse(body)]).toEqual([500, { error: 'Configuration error', message }]);
  });

  it('no route table', async () => {
    errorLines();
    const answer = await dispatcher.fetch(new Request('https://x.example/'), environmentOf({}).env);
    expect([answer.status, await answer.json()]).toEqual([
      500,
      { error: 'Configuration error', message: 'ROUTING holds no route table under "routes"' },
    ]);
  });

  it('a route table that is wrong', async () => {
    errorLines();
    const rules = [{ match: 'path_prefix', prefix: '/api/db/*', service: 'db' }];
    const answer = await dispatcher.fetch(new Request('https://x.example/'), environmentOf({ routes: { rules } }).env);
    expect([answer.status, await answer.json()]).toEqual([
      500,
      {
        error: 'Configuration error',
        message:
          'The route table is wrong at rules[0].prefix: it must begin with "/" and cover what is under it without "*", ' +
          'as "/api/db" does',
      },
    ]);
  });

  it('over a limit', async () => {
    errorLines();
    for (const [words, error] of [
      ['Worker exceeded CPU time limit.', 'Worker exceeded CPU limit'],
      ['Worker exceeded memory limit.', 'Worker exceeded memory limit'],
    ]) {
      const gateway = () => {
        throw new Error(words);
      };
      expect(await textOf('https://gateway.do/', { gateway })).toEqual([
        503,
        JSON.stringify({ error }),
        'application/json',
      ]);
    }
  });
});

describe('fallbacks', () => {
  const url = 'https://x.example/elite/develop/build';
  const script = 'advanced-developer-worker-staging';
  async function answered(serve?: Script, routes: unknown = code24) {
    errorLines();
    const { env } = environmentOf({ routes }, serve && { [script]: serve }, { environment: 'staging' });
    const answer = await dispatcher.fetch(new Request(url), env);
    return { status: answer.status, headers: answer.headers, body: await answer.json<Record<string, unknown>>() };
  }
  const page = '<!DOCTYPE html><h1>Status</h1>';
  const endless = () =>
    new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 20).fill(32)) });

  it.each<[string, Script | undefined]>([
    ['is missing', undefined],
    ['throws', () => Promise.reject(new Error('boom'))],
    ['answers a page', () => new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } })],
    ['answers a page as text', () => new Response(page)],
    ['answers a page without a type', () => new Response(new TextEncoder().encode(page))],
    [
      'answers a page and says that it is JSON',
      () => new Response(page, { headers: { 'content-type': 'application/json' } }),
    ],
    ['answers half of its JSON', () => new Response('{"built":', { headers: { 'content-type': 'application/json' } })],
    ['answers nothing as JSON', () => new Response('', { headers: { 'content-type': 'application/json' } })],
    [
      'answers bytes',
      () => new Response(new Uint8Array([34, 0xff, 34]), { headers: { 'content-type': 'application/json' } }),
    ],
    ['answers more than fits', () => new Response(endless(), { headers: { 'content-type': 'application/json' } })],
  ])('when the worker %s', async (_, serve) => {
    const { status, headers, body } = await answered(serve);
    expect(status).toBe(200);
    expect(headers.get('X-Code24-Fallback')).toBe('true');
    expect(headers.get('X-Code24-Worker')).toBe('developer-worker');
    expect(headers.get('content-type')).toBe('application/json');
    expect(body).toEqual({
      error: 'Worker temporarily unavailable',
      worker: 'developer-worker',
      fallback: true,
      data: null,
    });
  });

  it.each<[string, Script]>([
    ['JSON', () => Response.json({ built: true })],
    ['problem JSON', () => new Response('{"built":true}', { headers: { 'content-type': 'application/problem+json' } })],
    ['JSON as text', () => new Response('{"built":true}')],
  ])('not when the worker answers %s', async (_, serve) => {
    const { headers, body } = await answered(serve);
    expect(body).toEqual({ built: true });
    expect(headers.has('X-Code24-Fallback')).toBe(false);
    expect(headers.get('content-type')).toContain('json');
    expect(headers.get('X-Code24-Dispatch')).toBe('dynamic');
    expect(headers.get('X-Code24-Worker')).toBe('developer-worker');
    expect(headers.get('X-Code24-Path')).toBe('/build');
  });

  it('when the worker is late, and the worker is told to stop', async () => {
    // Held as a Worker holds the request that it serves; Node lets the signal of a request go that nobody holds.
    const served: Request[] = [];
    const serve: Script = (request) =>
      new Promise((_, reject) => {
        served.push(request);
        request.signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    const routes = { ...code24, rules: code24.rules.map((rule) => ({ ...rule, timeout_ms: 5 })) };
    expect((await answered(serve, routes)).headers.get('X-Code24-Fallback')).toBe('true');
    expect(served.map((request) => request.signal.aborted)).toEqual([true]);
  });

  it('only where a rule has one', async () => {
    const rules = code24.rules.map(({ fallback, ...rule }) => ({ ...rule, timeout_ms: 5 }));
    expect(await answered(() => new Promise(() => {}), { rules })).toMatchObject({
      status: 504,
      body: { error: 'Gateway timeout', message: `Worker "${script}" did not answer within 5 ms` },
    });
    expect(await answered(() => new Response(page), { rules })).toMatchObject({
      status: 502,
      body: { error: 'Invalid answer', message: `Worker "${script}" did not answer JSON` },
    });
  });

  it('keeps an answer without a body as it is', async () => {
    const { env } = environmentOf(
      { routes: code24 },
      { [script]: () => new Response(null, { status: 204 }) },
      { environment: 'staging' },
    );
    const answer = await dispatcher.fetch(new Request(url), env);
    expect([answer.status, answer.headers.has('X-Code24-Fallback')]).toEqual([204, false]);
  });
});

it('metadata headers stand on every answer, also on errors', async () => {
  const { env } = environmentOf({ routes: code24 }, {}, { environment: 'staging' });
  const answer = await dispatcher.fetch(new Request('https://x.example/'), env);
  expect([answer.status, answer.headers.get('X-Code24-Dispatch')]).toEqual([404, 'dynamic']);
  expect(await answer.json()).toMatchObject({
    available_services: [
      'competitive-analysis',
      'market-research',
      'brand-worker',
      'designer-worker',
      'developer-worker',
    ],
  });
});
