import { describe, expect, it, vi } from 'vitest';
import { answerOf, collectLog } from '../../../testing/deliver';
import { UNCLEAR, atCall, silence } from '../../../testing/fetch';
import { hostileBodies } from '../../../testing/hostile';
import { installSlack, slackError } from '../../../testing/slack-web';
import { STRIPE_SECRET, stripeEvent, stripeHeaders, stripeRequest } from '../../../testing/stripe';
import { inPieces } from '../../../testing/transport';
import adapter from './adapter';
import type { Env } from './env';

const env: Env = {
  STRIPE_WEBHOOK_SECRET: STRIPE_SECRET,
  SLACK_BOT_TOKEN: 'example-bot-token',
  SLACK_CHANNEL_ID: 'C0EXAMPLE01',
  MAPPING: {
    text: '{news.summary | truncate:300}',
    link: '{news.url}',
    details: '{news.detail | truncate:600}',
    Customer: '{data.object.customer | default:""}',
    Mode: { value: '{livemode}', lookup: { true: '', false: 'test data' } },
  },
};
const logged = collectLog();

const intent = {
  id: 'pi_1',
  object: 'payment_intent',
  amount_received: 4999,
  currency: 'eur',
  customer: 'cus_1',
  description: 'Order 1042 – Grüße 🎉',
};
const CREATED = Math.floor(Date.now() / 1000) - 60;
const paid = (id: string, change: object = {}) => ({
  ...stripeEvent(id, 'payment_intent.succeeded', { ...intent, ...change }),
  created: CREATED,
});
const deliver = async (body: unknown, change: Partial<Env> = {}) =>
  answerOf(adapter, await stripeRequest(body), { ...env, ...change });

it('tells of a payment in the channel', async () => {
  const { calls, messages } = installSlack();
  const { status, body } = await deliver(paid('evt_made'));
  expect([status, body]).toEqual([200, { status: 'posted', channel_id: 'C0EXAMPLE01', message_id: messages[0]?.ts }]);
  expect(messages[0]).toMatchObject({
    channel: 'C0EXAMPLE01',
    text: '49.99 EUR paid',
    blocks: [
      { text: { text: '<https://dashboard.stripe.com/test/payments/pi_1|49.99 EUR paid>' } },
      { text: { text: 'Order 1042 – Grüße 🎉' } },
      { fields: [{ text: '*Customer*\ncus_1' }, { text: '*Mode*\ntest data' }] },
    ],
    metadata: { event_payload: { event_id: 'evt_made' } },
  });
  expect(new URL(calls[0]?.url ?? '').searchParams.get('oldest')).toBe(String(CREATED - 300));
});

it('writes one log line, without amounts, customers or secrets', async () => {
  const { messages } = installSlack();
  await deliver(paid('evt_log'));
  expect(logged).toEqual([`stripe: evt_log payment_intent.succeeded: posted C0EXAMPLE01 ${messages[0]?.ts}`]);
});

it.each([
  [stripeEvent('evt_updated', 'customer.updated', { id: 'cus_1' }), 'no news: customer.updated'],
  [
    { id: 'evt_thin', object: 'v2.core.event', type: 'v1.a' },
    'a thin event; choose snapshot events for this destination',
  ],
])('passes over what it has nothing to say of, without calling Slack', async (event, reason) => {
  const { calls } = installSlack();
  expect((await deliver(event)).body).toEqual({ status: 'ignored', reason });
  expect(calls).toEqual([]);
});

it('hdr-missing, sig-downgrade, ts-301: refuses a forged or old request without calling Slack', async () => {
  const { calls } = installSlack();
  const body = JSON.stringify(paid('evt_forged'));
  const now = Math.floor(Date.now() / 1000);
  const header = (await stripeHeaders(body))['stripe-signature'];
  for (const [sent, signature] of [
    ['{}', header],
    [body, header.replace('v1=', 'v0=')],
    [body, (await stripeHeaders(body, now - 302))['stripe-signature']],
    [body, (await stripeHeaders(body, now, 'whsec_other'))['stripe-signature']],
    [body, ''],
  ] as [string, string][]) {
    const request = new Request('https://x.example/', {
      method: 'POST',
      body: sent,
      headers: { 'stripe-signature': signature },
    });
    expect((await answerOf(adapter, request, env)).status).toBe(401);
  }
  expect(calls).toEqual([]);
});

it('inj-slack: what customers write calls nobody', async () => {
  const { messages } = installSlack();
  await deliver(
    paid('evt_injection', { description: '<!channel> <https://evil.example|your bank>', customer: '<!here>' }),
  );
  const text = JSON.stringify(messages[0]);
  expect(text).toContain('&lt;!channel&gt; &lt;https://evil.example|your bank&gt;');
  expect(text).not.toMatch(/<!(channel|here)>/);
});

describe('one message per event', () => {
  it('dup-seq: when it comes twice, each time with a fresh signature', async () => {
    const { messages } = installSlack();
    await deliver(paid('evt_twice'));
    expect((await deliver(paid('evt_twice'))).body).toMatchObject({ status: 'duplicate', message_id: messages[0]?.ts });
    expect(messages).toHaveLength(1);
  });

  it('dup-par, retry-overlap: when it comes ten times at once, and the rest is asked to come back', async () => {
    const { messages } = installSlack();
    const answers = await Promise.all(Array.from({ length: 10 }, () => deliver(paid('evt_parallel'))));
    expect(messages).toHaveLength(1);
    // Whoever comes when it is written hears that it is there; whoever comes before is asked to come back.
    expect(answers.filter(({ body }) => body.status === 'posted')).toHaveLength(1);
    for (const { body, status } of answers.filter(({ body }) => body.status !== 'posted')) {
      expect([status, body.error ?? body.status]).toEqual(status === 200 ? [200, 'duplicate'] : [503, 'in_progress']);
    }
    expect((await deliver(paid('evt_parallel'))).body.status).toBe('duplicate');
  });

  it('5xx-applied: when Slack posted it but answered 500', async () => {
    const { messages } = installSlack((call, number) => {
      if (number !== 2) return undefined;
      messages.push({ ...(call.body as unknown as (typeof messages)[0]), ts: `${CREATED + 60}.000001` });
      return new Response('', { status: 500 });
    });
    expect((await deliver(paid('evt_applied'))).body).toMatchObject({ message_id: `${CREATED + 60}.000001` });
    expect(messages).toHaveLength(1);
  });
});

describe('when Slack fails', () => {
  it.each(UNCLEAR)('cut-json, 204-json: after %s it looks and tries again', async (name, answer) => {
    const { messages } = installSlack(atCall(2, answer));
    expect((await deliver(paid(`evt_${name}`))).body.status).toBe('posted');
    expect(messages).toHaveLength(1);
  });

  it.each([
    ['busy', 429, '60'],
    ['down', 503, '30'],
  ])('asks Stripe to send again later when Slack is %s', async (name, status, seconds) => {
    installSlack(() => new Response('', { status, headers: { 'retry-after': seconds } }));
    const answer = await deliver(paid(`evt_${name}`));
    expect([answer.status, answer.body.error, answer.headers.get('retry-after')]).toEqual([
      503,
      'slack_unavailable',
      seconds,
    ]);
  });

  it('ends every call before Stripe stops waiting', async () => {
    installSlack(silence);
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const asked = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(20));
    expect((await deliver(paid('evt_slow'))).body.message).toBe('Slack did not answer in time');
    expect(asked.mock.calls.every(([milliseconds]) => milliseconds <= 8000)).toBe(true);
  });

  it.each([
    ['not_in_channel', 'Invite the app to the channel'],
    ['token_revoked', 'Check SLACK_BOT_TOKEN'],
    ['invalid_blocks', 'Compare [mapping] in adapter.toml'],
  ])('ok-false: says what to correct after %s, and keeps the event at Stripe', async (error, advice) => {
    installSlack(atCall(2, () => slackError(error)));
    const { status, body } = await deliver(paid(`evt_${error}`));
    expect([status, body.error]).toEqual([500, 'misconfigured']);
    expect(body.message).toContain(advice);
    expect(JSON.stringify([body, logged])).not.toContain(env.SLACK_BOT_TOKEN);
  });

  it('redirect-host: does not follow a redirect with the token', async () => {
    const { calls } = installSlack(
      atCall(1, () => new Response(null, { status: 307, headers: { location: 'https://evil.example/' } })),
    );
    expect((await deliver(paid('evt_redirect'))).body.message).toContain('Slack answered 307');
    expect(calls).toHaveLength(1);
  });
});

it.each<[Partial<Env>, string]>([
  [{ STRIPE_WEBHOOK_SECRET: '' }, 'STRIPE_WEBHOOK_SECRET is not set'],
  [{ SLACK_BOT_TOKEN: '' }, 'SLACK_BOT_TOKEN is not set'],
  [{ SLACK_CHANNEL_ID: '' }, 'SLACK_CHANNEL_ID is not set'],
  [{ SLACK_CHANNEL_ID: '#payments' }, 'The channel is not an id such as C0123456789'],
  [{ MAPPING: undefined as unknown as Env['MAPPING'] }, 'MAPPING is not set; adapter.toml needs a [mapping]'],
  [{ MAPPING: { text: '{data.object.nothing}' } }, 'reads {data.object.nothing}, which this event does not have'],
])('says what is missing: %j', async (change, message) => {
  const { calls } = installSlack();
  const { status, body } = await deliver(paid('evt_missing'), change);
  expect([status, body.error]).toEqual([500, 'misconfigured']);
  expect(body.message).toContain(message);
  expect(calls).toEqual([]);
});

describe('hostile bodies, signed as they should be', async () => {
  it.each(await hostileBodies(paid('evt_hostile')))('%s', async (_, { body, headers, isTaken }) => {
    const { messages } = installSlack();
    const all = { ...(await stripeHeaders(body)), ...headers };
    const request = new Request('https://x.example/', { method: 'POST', body, headers: all });
    const answer = await answerOf(adapter, request, env);
    if (isTaken) {
      expect([answer.body.status, messages.length]).toEqual(['posted', 1]);
    } else {
      expect([[400, 413].includes(answer.status), messages]).toEqual([true, []]);
    }
  });

  it('chunked: takes a body in pieces', async () => {
    installSlack();
    const body = JSON.stringify(paid('evt_pieces'));
    const request = inPieces(new TextEncoder().encode(body), await stripeHeaders(body));
    expect((await answerOf(adapter, request, env)).body.status).toBe('posted');
  });

  it('methods: takes POST alone', async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT']) {
      expect((await answerOf(adapter, new Request('https://x.example/', { method }), env)).status).toBe(405);
    }
  });
});
