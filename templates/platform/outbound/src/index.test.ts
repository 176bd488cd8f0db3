import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import outbound from './index';
import type { Env } from './policy';

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

it('goes to the network where there is no gateway', async () => {
  const network = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('from the network'));
  expect((await call('https://api.notion.com/', { UPSTREAM: undefined })).text).toBe('from the network');
  expect(network).toHaveBeenCalledOnce();
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
