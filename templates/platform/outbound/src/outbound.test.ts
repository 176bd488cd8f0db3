import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import outbound from './outbound';
import type { Env } from './policy';
import { Turns } from './turns';

const sent: Request[] = [];
const base: Env = {
  tenant: 'customer-a',
  adapter: 'slack-to-notion',
  region: 'eu',
  egress: ['api.notion.com', '*.example.com', 'api.hubapi.com', 'api-eu1.hubapi.com', '127.0.0.1', 'localhost'],
  UPSTREAM: { fetch: async (request) => (sent.push(request), new Response('from upstream')) },
};

beforeEach(() => {
  sent.length = 0;
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => void vi.restoreAllMocks());

async function call(url: string, env: Env = {}) {
  const answer = await outbound.fetch(new Request(url), { ...base, ...env });
  return { status: answer.status, refused: answer.headers.get('x-patchbay-refused'), text: await answer.text() };
}

it('sends an allowed call on as it is', async () => {
  const request = new Request('https://api.notion.com/v1/pages', { method: 'POST', body: '{}' });
  const answer = await outbound.fetch(request, base);
  expect(await answer.text()).toBe('from upstream');
  expect(sent[0]).toBe(request);
});

it('goes to the network where there is no gateway, and leaves a line to count by', async () => {
  const network = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('from the network'));
  const lines = vi.spyOn(console, 'log').mockImplementation(() => {});
  const url = 'https://api.notion.com/v1?token=example-canary';
  expect((await call(url, { UPSTREAM: undefined })).text).toBe('from the network');
  expect(network).toHaveBeenCalledOnce();
  expect(lines.mock.calls.map(([line]) => JSON.parse(line))).toEqual([
    {
      event: 'outbound_call',
      tenant: 'customer-a',
      adapter: 'slack-to-notion',
      host: 'api.notion.com',
      status: 200,
    },
  ]);
});

it('follows no redirect itself, so that each step is checked and paced', async () => {
  const moved = new Response(null, { status: 302, headers: { location: 'https://evil.example/' } });
  const network = vi.spyOn(globalThis, 'fetch').mockResolvedValue(moved);
  vi.spyOn(console, 'log').mockImplementation(() => {});
  const answer = await outbound.fetch(new Request('https://api.notion.com/'), { ...base, UPSTREAM: undefined });
  expect(answer).toBe(moved);
  expect(network.mock.calls[0]?.[1]).toEqual({ redirect: 'manual' });
});

describe('egress', () => {
  it.each(['https://api.notion.com./x', 'https://API.Notion.com', 'https://a.example.com', 'https://a.b.example.com'])(
    '%s is allowed',
    async (url) => expect((await call(url)).refused).toBeNull(),
  );

  it.each([
    'https://notion.com/',
    'https://api.notion.com.evil.example/',
    'https://example.com/',
    'https://badexample.com/',
  ])('%s is refused', async (url) => {
    expect((await call(url)).refused).toBe('egress');
    expect(sent).toEqual([]);
  });

  it.each([
    ['bücher.example', 'https://xn--bcher-kva.example/'],
    ['xn--bcher-kva.example', 'https://BÜCHER.example/'],
    ['*.Bücher.example.', 'https://api.bücher.example/'],
    ['API.Notion.com.', 'https://api.notion.com/'],
    ['api.example.com:8443', 'https://api.example.com:8443/'],
    ['*.example.com:8443', 'https://a.example.com:8443/'],
    ['api.notion.com:443', 'https://api.notion.com/'],
    ['api.notion.com:80', 'http://api.notion.com/'],
  ])('the entry %s allows %s', async (entry, url) => {
    expect((await call(url, { egress: [entry] })).refused).toBeNull();
  });

  it.each([
    ['api.notion.com', 'https://api.notion.com:8443/'],
    ['api.notion.com', 'https://api.notion.com:22/'],
    ['api.notion.com', 'http://api.notion.com:443/'],
    ['api.notion.com:8443', 'https://api.notion.com/'],
    ['api.notion.com:443', 'http://api.notion.com/'],
    ['*', 'https://api.notion.com/'],
    ['*.', 'https://api.notion.com/'],
    ['https://api.notion.com', 'https://api.notion.com/'],
    ['api.notion.com/v1', 'https://api.notion.com/v1'],
    ['.notion.com', 'https://api.notion.com/'],
    ['api.*.com', 'https://api.notion.com/'],
    ['', 'https://api.notion.com/'],
  ])('the entry %s does not allow %s', async (entry, url) => {
    expect((await call(url, { egress: [entry] })).refused).toBe('egress');
  });

  it('the refusal of a port names it', async () => {
    const { text } = await call('https://api.notion.com:8443/');
    expect(JSON.parse(text)).toMatchObject({
      message: 'Port 8443 of host "api.notion.com" is not on the egress list of tenant "customer-a"',
      hint: 'To allow it, add "api.notion.com:8443" to `egress` in tenants/customer-a/tenant.toml.',
    });
  });

  it('a URL with a password is refused', async () => {
    // Not every runtime makes a request of such a URL, and none of them should send it.
    const request = { url: 'https://user:example-canary@api.notion.com/', headers: new Headers() } as Request;
    const answer = await outbound.fetch(request, base);
    expect([answer.status, answer.headers.get('x-patchbay-refused')]).toEqual([403, 'address']);
    expect(await answer.text()).not.toContain('example-canary');
  });

  it('the refusal names the host and how to allow it', async () => {
    const { status, text } = await call('https://api.airtable.com/v0/x?token=example-canary');
    expect(status).toBe(403);
    expect(JSON.parse(text)).toEqual({
      error: 'Outbound call refused',
      reason: 'egress',
      message: 'Host "api.airtable.com" is not on the egress list of tenant "customer-a"',
      host: 'api.airtable.com',
      hint: 'To allow it, add "api.airtable.com" to `egress` in tenants/customer-a/tenant.toml.',
    });
    expect(JSON.stringify(vi.mocked(console.warn).mock.calls)).not.toContain('example-canary');
  });

  it('takes the list as JSON text too, and allows nothing when it cannot be read', async () => {
    expect((await call('https://api.notion.com/', { egress: '["api.notion.com"]' })).refused).toBeNull();
    for (const egress of [undefined, '', 'api.notion.com', '{"0":"api.notion.com"}', '[1]']) {
      expect((await call('https://api.notion.com/', { egress })).refused, `egress ${egress}`).toBe('egress');
    }
  });
});

describe('addresses', () => {
  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:7f00:1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://localhost:8080/',
    'http://a.localhost/',
    'http://metadata.google.internal/',
    'http://printer.local/',
    'http://intranet/',
  ])('%s is refused, also when it is on the egress list', async (url) => {
    expect((await call(url)).refused).toBe('address');
    expect(sent).toEqual([]);
  });
});

describe('regions', () => {
  const egress = ['*.pagerduty.com', '*.eu.pagerduty.com', 'api.hubapi.com', 'api-eu1.hubapi.com', 'api.notion.com'];
  it.each([
    ['eu', 'https://api.pagerduty.com/incidents', 'api.eu.pagerduty.com'],
    ['eu', 'https://events.pagerduty.com/v2/enqueue', 'events.eu.pagerduty.com'],
    ['us', 'https://events.eu.pagerduty.com/v2/enqueue', 'events.pagerduty.com'],
    ['eu', 'https://api.hubapi.com/crm', 'api-eu1.hubapi.com'],
    ['us', 'https://api-eu1.hubapi.com/crm', 'api.hubapi.com'],
  ])('a tenant in %s may not call %s', async (region, url, right) => {
    const { status, refused, text } = await call(url, { region, egress });
    expect([status, refused]).toEqual([403, 'region']);
    expect(JSON.parse(text).hint).toBe(`Call "${right}" instead.`);
  });

  it.each([
    ['eu', 'https://events.eu.pagerduty.com/'],
    ['us', 'https://events.pagerduty.com/'],
    ['eu', 'https://api.notion.com/'],
    ['apac', 'https://api.pagerduty.com/'],
    ['', 'https://api.pagerduty.com/'],
    ['constructor', 'https://api.pagerduty.com/'],
  ])('a tenant in %s may call %s', async (region, url) => {
    expect((await call(url, { region, egress })).refused).toBeNull();
  });
});

describe('pace', () => {
  it('a second’s worth goes at once, then each waits for its turn', () => {
    const turns = new Turns();
    const waits = Array.from({ length: 8 }, () => turns.take(1_000_000, 5, 5000));
    expect(waits).toEqual([0, 0, 0, 0, 0, 200, 400, 600]);
  });

  it('a turn that is too far away is not taken', () => {
    const turns = new Turns();
    const waits = Array.from({ length: 40 }, () => turns.take(0, 5, 5000));
    expect(waits.filter((wait) => wait <= 5000)).toHaveLength(5 + 25);
    expect(waits.at(-1), 'who is refused does not push the others back').toBe(5200);
    expect(turns.take(200, 5, 5000)).toBe(5000);
  });

  it('idle time fills the bucket, and no further than a second’s worth', () => {
    const turns = new Turns();
    for (let call = 0; call < 10; call++) turns.take(0, 5, 5000);
    const waits = Array.from({ length: 6 }, () => turns.take(60_000, 5, 5000));
    expect(waits).toEqual([0, 0, 0, 0, 0, 200]);
  });

  it('over a minute no more calls go out than the limit allows, however many ask', () => {
    const turns = new Turns();
    const sentAt = Array.from({ length: 60 * 100 }, (_, index) => index * 10).flatMap((now) => {
      const wait = turns.take(now, 7, 5000);
      return wait > 5000 ? [] : [now + wait];
    });
    expect(sentAt.filter((at) => at <= 60_000).length).toBeLessThanOrEqual(7 * 61);
    for (const from of sentAt) {
      expect(sentAt.filter((at) => at > from && at <= from + 1000).length).toBeLessThanOrEqual(14);
    }
  });

  const paceOf = (turns: Turns): Env['PACE'] => ({
    getByName: () => ({ take: (perSecond, longest) => turns.take(Date.now(), perSecond, longest) }),
  });

  it('a call waits for its turn and then goes out', async () => {
    vi.useFakeTimers();
    try {
      const env = { limits: { requests_per_second: 2 }, PACE: paceOf(new Turns()) };
      const calls = Array.from({ length: 4 }, () => call('https://api.notion.com/', env));
      await vi.advanceTimersByTimeAsync(0);
      expect(sent).toHaveLength(2);
      await vi.advanceTimersByTimeAsync(500);
      expect(sent).toHaveLength(3);
      await vi.advanceTimersByTimeAsync(500);
      expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('who would wait too long is told when to come back', async () => {
    const turns = new Turns();
    while (turns.take(Date.now(), 1, 5000) <= 5000);
    const env = { ...base, limits: { requests_per_second: 1 }, PACE: paceOf(turns) };
    const answer = await outbound.fetch(new Request('https://api.notion.com/'), env);
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('x-patchbay-refused')]).toEqual([
      429,
      '6',
      'rate',
    ]);
    expect(await answer.json()).toEqual({
      error: 'Outbound call refused',
      reason: 'rate',
      message: 'Tenant "customer-a" may make 1 calls per second; the next turn is in 6 s',
      host: 'api.notion.com',
      hint: 'Wait as Retry-After says, or raise `requests_per_second` under [rate_limit] in tenants/customer-a/tenant.toml.',
    });
    expect(sent).toEqual([]);
  });

  it('a limit of 0 allows no call', async () => {
    const { status, refused } = await call('https://api.notion.com/', { limits: { requests_per_second: 0 } });
    expect([status, refused]).toEqual([429, 'rate']);
  });

  it('a call that is refused anyway takes no turn', async () => {
    const turns = new Turns();
    const env = { limits: { requests_per_second: 1 }, PACE: paceOf(turns) };
    expect((await call('https://evil.example/', env)).refused).toBe('egress');
    expect(turns.take(Date.now(), 1, 5000)).toBe(0);
  });

  it('nothing goes out unpaced where there is a limit and no PACE', async () => {
    await expect(call('https://api.notion.com/', { limits: { requests_per_second: 1 } })).rejects.toThrow('PACE');
    expect(sent).toEqual([]);
  });
});
