import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { installCaches } from '../../../testing/caches';
import { answerOf, collectLog } from '../../../testing/deliver';
import { atCall, silence } from '../../../testing/fetch';
import { hostileBodies } from '../../../testing/hostile';
import { PAGERDUTY_SECRET, pagerDutyEvent, pagerDutyHeaders, pagerDutyRequest } from '../../../testing/pagerduty';
import { TEAMS_URL, installWorkflow, workflowError } from '../../../testing/teams-workflow';
import { inPieces } from '../../../testing/transport';
import adapter from './adapter';
import type { Env } from './env';

const env: Env = {
  PAGERDUTY_WEBHOOK_SECRET: PAGERDUTY_SECRET,
  TEAMS_WORKFLOW_URL: TEAMS_URL,
  MAPPING: {
    text: '{news.summary | truncate:300}',
    color: '{news.color}',
    details: '{news.detail | truncate:1000}',
    link: '{news.url}',
    Service: '{event.data.service.summary | default:""}',
    'Assigned to': '{event.data.assignees[].summary | join:", " | default:""}',
    At: '{event.occurred_at | date:minute}',
  },
};
const logged = collectLog();
beforeEach(() => void installCaches());
afterEach(() => void vi.unstubAllGlobals());

const triggered = (id: string, data: object = {}) => pagerDutyEvent(id, 'incident.triggered', data);
const deliver = async (body: unknown, change: Partial<Env> = {}) =>
  answerOf(adapter, await pagerDutyRequest(body), { ...env, ...change });

it('shows a new incident as a card', async () => {
  const { calls, cards } = installWorkflow();
  const { status, body } = await deliver(triggered('01MADE'));
  expect([status, body]).toEqual([200, { status: 'posted', event_id: '01MADE' }]);
  expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([`POST ${TEAMS_URL}`]);
  const lines = (cards[0]?.body as { inlines: { text: string; color?: string }[] }[]).map(({ inlines }) => inlines);
  expect(lines[0]?.[0]).toMatchObject({ text: '#812 triggered: payments-api: p99 above 2 s', color: 'attention' });
  expect(lines.slice(1).map((inlines) => inlines.map(({ text }) => text).join(''))).toEqual([
    'Service: Payments API',
    'Assigned to: Kim Example',
    'At: 2026-11-21 16:05 UTC',
  ]);
  expect(cards[0]?.actions).toMatchObject([{ url: 'https://example.pagerduty.com/incidents/QEXINC7' }]);
});

it('writes one log line, without titles, addresses or secrets', async () => {
  installWorkflow();
  await deliver(triggered('01LOG'));
  expect(logged).toEqual(['pagerduty: 01LOG incident.triggered: posted 01LOG']);
});

it('ping: answers pings and passes over what is no news, without calling Teams', async () => {
  const { calls } = installWorkflow();
  expect((await deliver(pagerDutyEvent('01PING', 'pagey.ping'))).body).toEqual({ status: 'pong' });
  expect((await deliver(pagerDutyEvent('01OTHER', 'service.updated'))).body).toEqual({
    status: 'ignored',
    reason: 'no news: service.updated',
  });
  expect(calls).toEqual([]);
});

it('shows an incident whose details PagerDuty left out', async () => {
  const { cards } = installWorkflow();
  const event = pagerDutyEvent('01SMALL', 'incident.triggered', {}, { data: { id: 'QEXINC7', type: 'incident' } });
  expect((await deliver(event)).body.status).toBe('posted');
  expect(JSON.stringify(cards)).toContain('incident.triggered (event 01SMALL)');
});

describe('a forged request reaches no channel', () => {
  const body = JSON.stringify(triggered('01FORGED'));
  it.each<[string, string, () => Promise<Record<string, string>>, number]>([
    ['hdr-missing: nobody signed it', body, () => Promise.resolve({}), 401],
    ['sig-downgrade: another version', body, () => Promise.resolve({ 'x-pagerduty-signature': 'v0=00' }), 401],
    // PagerDuty with another secret would lose its events, and then its subscription, by 4xx.
    ['another body', body, () => pagerDutyHeaders('{}'), 503],
    ['another secret', body, () => pagerDutyHeaders(body, 'another'), 503],
  ])('%s', async (_, text, headers, status) => {
    const { calls } = installWorkflow();
    const request = new Request('https://x.example/', { method: 'POST', body: text, headers: await headers() });
    const answer = await answerOf(adapter, request, env);
    expect([answer.status, answer.body.error]).toEqual([status, 'invalid_signature']);
    expect(calls).toEqual([]);
  });
});

describe('one card per event', () => {
  it('dup-seq: when it comes twice, under whatever unsigned X-Webhook-Id', async () => {
    const { cards } = installWorkflow();
    await deliver(triggered('01TWICE'));
    expect((await deliver(triggered('01TWICE'))).body).toEqual({ status: 'duplicate', event_id: '01TWICE' });
    expect(cards).toHaveLength(1);
  });

  it('dup-par, retry-overlap: when it comes ten times at once, and the rest is asked to come back', async () => {
    const { cards } = installWorkflow();
    const answers = await Promise.all(Array.from({ length: 10 }, () => deliver(triggered('01PARALLEL'))));
    expect(cards).toHaveLength(1);
    // Whoever comes when it is written hears that it is there; whoever comes before is asked to come back.
    expect(answers.filter(({ body }) => body.status === 'posted')).toHaveLength(1);
    for (const { body, status } of answers.filter(({ body }) => body.status !== 'posted')) {
      expect([status, body.error ?? body.status]).toEqual(status === 200 ? [200, 'duplicate'] : [503, 'in_progress']);
    }
    expect((await deliver(triggered('01PARALLEL'))).body.status).toBe('duplicate');
  });

  it('but rather two than none when the cache cannot be used', async () => {
    installCaches({ fail: true });
    const { cards } = installWorkflow();
    await deliver(triggered('01NOCACHE'));
    await deliver(triggered('01NOCACHE'));
    expect(cards).toHaveLength(2);
  });

  it('5xx-applied: and rather two than none when Teams answered 500', async () => {
    const { cards } = installWorkflow(atCall(1, () => workflowError(500, 'InternalServerError')));
    expect((await deliver(triggered('01APPLIED'))).status).toBe(503);
    expect((await deliver(triggered('01APPLIED'))).body.status).toBe('posted');
    expect(cards).toHaveLength(1);
  });
});

describe('when Teams fails, PagerDuty keeps the event', () => {
  it.each([
    ['busy', 429, '60'],
    ['down', 503, '30'],
  ])('when it is %s', async (name, status, seconds) => {
    installWorkflow(() => workflowError(status, 'Busy', { 'retry-after': seconds }));
    const answer = await deliver(triggered(`01${name}`));
    expect([answer.status, answer.body.error, answer.headers.get('retry-after')]).toEqual([
      503,
      'teams_unavailable',
      seconds,
    ]);
  });

  it('when it is too slow: every call ends before PagerDuty stops waiting', async () => {
    installWorkflow(silence);
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const asked = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(20));
    expect((await deliver(triggered('01SLOW'))).body.message).toBe('Teams did not answer in time');
    expect(asked.mock.calls.every(([milliseconds]) => milliseconds <= 4500)).toBe(true);
  });

  it.each([400, 401, 403, 404, 307])(
    'when it refuses with %i: never with 4xx, and without the address',
    async (status) => {
      installWorkflow(() => workflowError(status, 'Refused'));
      const answer = await deliver(triggered(`01REFUSED${status}`));
      expect([answer.status, answer.body.error]).toEqual([500, 'misconfigured']);
      expect(JSON.stringify([answer.body, logged])).not.toContain('example-signature');
    },
  );
});

it('redirect-host: does not follow a redirect with the card', async () => {
  const { calls } = installWorkflow(
    () => new Response(null, { status: 307, headers: { location: 'https://evil.example/' } }),
  );
  await deliver(triggered('01REDIRECT'));
  expect(calls).toHaveLength(1);
  expect(vi.mocked(fetch).mock.calls[0]?.[1]?.redirect).toBe('manual');
});

it('emoji-zwj, size-1mb: shows what people wrote as they wrote it, as far as it fits', async () => {
  const { cards } = installWorkflow();
  const title = `👩‍👩‍👧‍👦 [your bank](https://evil.example) ${'long '.repeat(200_000)}`;
  expect((await deliver(triggered('01ODD', { title }))).body.status).toBe('posted');
  const [first] = (cards[0]?.body as { type: string; inlines: { text: string }[] }[]) ?? [];
  expect([
    first?.type,
    first?.inlines[0]?.text.startsWith('#812 triggered: 👩‍👩‍👧‍👦 [your bank](https://evil.example) long'),
  ]).toEqual(['RichTextBlock', true]);
});

it.each<[Partial<Env>, string]>([
  [{ PAGERDUTY_WEBHOOK_SECRET: '' }, 'PAGERDUTY_WEBHOOK_SECRET is not set'],
  [{ TEAMS_WORKFLOW_URL: '' }, 'TEAMS_WORKFLOW_URL is not set'],
  [{ TEAMS_WORKFLOW_URL: 'https://example.com/?sig=x' }, 'TEAMS_WORKFLOW_URL is not the address of a workflow'],
  [{ MAPPING: undefined as unknown as Env['MAPPING'] }, 'MAPPING is not set; adapter.toml needs a [mapping]'],
  [{ MAPPING: { text: '{news.summary}', color: 'red' } }, 'The mapping of "color" gives "red"'],
])('says what is missing, and PagerDuty keeps the event: %j', async (change, message) => {
  const { calls } = installWorkflow();
  const { status, body } = await deliver(triggered('01MISSING'), change);
  expect([status, body.error]).toEqual([500, 'misconfigured']);
  expect(body.message).toContain(message);
  expect(calls).toEqual([]);
});

describe('hostile bodies, signed as they should be', async () => {
  it.each(await hostileBodies(triggered('01HOSTILE')))('%s', async (_, { body, headers, isTaken }) => {
    const { cards } = installWorkflow();
    const all = { ...(await pagerDutyHeaders(body)), ...headers };
    const request = new Request('https://x.example/', { method: 'POST', body, headers: all });
    const answer = await answerOf(adapter, request, env);
    if (isTaken) {
      expect([answer.body.status, cards.length]).toEqual(['posted', 1]);
    } else {
      expect([answer.body.status === 'ignored' || answer.status === 413, cards]).toEqual([true, []]);
    }
  });

  it('chunked: takes a body in pieces', async () => {
    installWorkflow();
    const body = JSON.stringify(triggered('01PIECES'));
    const request = inPieces(new TextEncoder().encode(body), await pagerDutyHeaders(body));
    expect((await answerOf(adapter, request, env)).body.status).toBe('posted');
  });

  it('methods: takes POST alone', async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT']) {
      expect((await answerOf(adapter, new Request('https://x.example/', { method }), env)).status).toBe(405);
    }
  });
});
