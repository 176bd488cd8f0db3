import { describe, expect, it, vi } from 'vitest';
import { answerOf, collectLog } from '../../../testing/deliver';
import { UNCLEAR, atCall, silence } from '../../../testing/fetch';
import { GITHUB_SECRET, githubHeaders, githubRequest } from '../../../testing/github';
import { hostileBodies } from '../../../testing/hostile';
import { installSlack, slackError } from '../../../testing/slack-web';
import { inPieces } from '../../../testing/transport';
import adapter from './adapter';
import type { Env } from './env';

const env: Env = {
  GITHUB_WEBHOOK_SECRET: GITHUB_SECRET,
  SLACK_BOT_TOKEN: 'example-bot-token',
  SLACK_CHANNEL_ID: 'C0EXAMPLE01',
  MAPPING: {
    text: '{news.summary | truncate:300}',
    link: '{news.url}',
    details: '{news.detail | truncate:600}',
    Repository: '{repository.full_name}',
  },
};
const logged = collectLog();

const html_url = 'https://github.com/example-org/gadgets/issues/12';
const issue = { number: 12, title: 'Menu is hard to read', body: 'The letters are tiny', html_url };
const opened = {
  action: 'opened',
  issue,
  repository: { full_name: 'example-org/gadgets' },
  sender: { login: 'kim-example', type: 'User' },
};

const deliver = async (delivery: string, body: unknown = opened, change: Partial<Env> = {}, event = 'issues') =>
  answerOf(adapter, await githubRequest(event, delivery, body), { ...env, ...change });

it('tells of an issue in the channel', async () => {
  const { calls, messages } = installSlack();
  const { status, body } = await deliver('d-made');
  expect([status, body]).toEqual([200, { status: 'posted', channel_id: 'C0EXAMPLE01', message_id: messages[0]?.ts }]);
  expect(messages[0]).toMatchObject({
    channel: 'C0EXAMPLE01',
    text: 'kim-example opened #12: Menu is hard to read',
    blocks: [
      { text: { text: `<${html_url}|kim-example opened #12: Menu is hard to read>` } },
      { text: { text: 'The letters are tiny' } },
      { fields: [{ text: '*Repository*\nexample-org/gadgets' }] },
    ],
    metadata: { event_payload: { event_id: 'd-made' } },
  });
  const since = Number(new URL(calls[0]?.url ?? '').searchParams.get('oldest'));
  expect(Math.abs(Date.now() / 1000 - 3 * 24 * 3600 - since), 'GitHub keeps deliveries three days').toBeLessThan(5);
});

it('writes one log line, without titles, tokens or secrets', async () => {
  const { messages } = installSlack();
  await deliver('d-log');
  expect(logged).toEqual([`github: d-log issues.opened: posted C0EXAMPLE01 ${messages[0]?.ts}`]);
});

it('ping: answers pings and passes over what is no news, without calling Slack', async () => {
  const { calls } = installSlack();
  expect((await deliver('d-ping', { zen: 'Half measures' }, {}, 'ping')).body).toEqual({ status: 'pong' });
  const labeled = { ...opened, action: 'labeled' };
  expect((await deliver('d-labeled', labeled)).body).toEqual({ status: 'ignored', reason: 'no news: issues.labeled' });
  expect(calls).toEqual([]);
});

it('loop-two: does not repeat what bots comment', async () => {
  const { calls } = installSlack();
  const comment = {
    ...opened,
    action: 'created',
    comment: { html_url, body: 'x' },
    sender: { login: 'b', type: 'Bot' },
  };
  expect((await deliver('d-bot', comment, {}, 'issue_comment')).body.status).toBe('ignored');
  expect(calls).toEqual([]);
});

it('hdr-missing, sig-downgrade: refuses a forged request without calling Slack', async () => {
  const { calls } = installSlack();
  const right = await githubHeaders('issues', 'd-forged', JSON.stringify(opened));
  const { 'x-hub-signature-256': _, ...downgraded } = right;
  for (const [body, headers] of [
    ['{"action":"opened"}', right],
    [JSON.stringify(opened), downgraded],
    [JSON.stringify(opened), {}],
  ] as [string, Record<string, string>][]) {
    const request = new Request('https://x.example/', { method: 'POST', body, headers });
    expect((await answerOf(adapter, request, env)).status).toBe(401);
  }
  expect(calls).toEqual([]);
});

it('inj-slack: what people write calls nobody', async () => {
  const { messages } = installSlack();
  const title = '<!channel> & <https://evil.example|your bank>';
  await deliver('d-injection', { ...opened, issue: { ...issue, title, body: title } });
  const text = JSON.stringify(messages[0]);
  expect(text).toContain('&lt;!channel&gt; &amp; &lt;https://evil.example|your bank&gt;');
  expect(text).not.toContain('<!channel>');
});

it('size-1mb, deep-10k: takes what GitHub can send', async () => {
  const { messages } = installSlack();
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  const body = JSON.stringify({ ...opened, issue: { ...issue, body: '&'.repeat(1_000_000) } }).replace(
    '"action"',
    `"deep":${deep},"action"`,
  );
  const headers = await githubHeaders('issues', 'd-large', body);
  const request = new Request('https://x.example/', { method: 'POST', body, headers });
  expect((await answerOf(adapter, request, env)).body.status).toBe('posted');
  for (const block of messages[0]?.blocks as { text?: { text: string } }[]) {
    expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(3000);
  }
});

describe('one message per delivery', () => {
  it('dup-seq: when a person sends it again', async () => {
    const { messages } = installSlack();
    await deliver('d-twice');
    expect((await deliver('d-twice')).body).toEqual({
      status: 'duplicate',
      channel_id: 'C0EXAMPLE01',
      message_id: messages[0]?.ts,
    });
    expect(messages).toHaveLength(1);
  });

  it('dup-par, retry-overlap: when it comes ten times at once', async () => {
    const { messages } = installSlack();
    const answers = await Promise.all(Array.from({ length: 10 }, () => deliver('d-parallel')));
    expect(messages).toHaveLength(1);
    // Whoever comes when it is written hears that it is there; whoever comes before is asked to come back.
    expect(answers.filter(({ body }) => body.status === 'posted')).toHaveLength(1);
    for (const { body, status } of answers.filter(({ body }) => body.status !== 'posted')) {
      expect([status, body.error ?? body.status]).toEqual(status === 200 ? [200, 'duplicate'] : [503, 'in_progress']);
    }
  });

  it('5xx-applied: when Slack posted it but answered 500', async () => {
    const { messages } = installSlack((call, number) => {
      if (number !== 2) return undefined;
      messages.push({
        ...(call.body as unknown as (typeof messages)[0]),
        ts: `${Math.floor(Date.now() / 1000)}.000001`,
      });
      return new Response('', { status: 500 });
    });
    expect((await deliver('d-applied')).body.status).toBe('posted');
    expect(messages).toHaveLength(1);
  });
});

describe('when Slack fails', () => {
  // GitHub does not send again, so the adapter does what it can within GitHub's ten seconds.
  it.each(UNCLEAR)('cut-json, 204-json: after %s it looks and tries again', async (name, answer) => {
    const { messages } = installSlack(atCall(2, answer));
    expect((await deliver(`d-${name.replaceAll(' ', '-')}`)).body.status).toBe('posted');
    expect(messages).toHaveLength(1);
  });

  it('shows GitHub a failure when Slack stays down', async () => {
    installSlack(() => new Response('', { status: 503, headers: { 'retry-after': '60' } }));
    const { status, body, headers } = await deliver('d-down');
    expect([status, body.error, headers.get('retry-after')]).toEqual([503, 'slack_unavailable', '60']);
  });

  it('ends every call before GitHub stops waiting', async () => {
    installSlack(silence);
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const asked = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => timeout(20));
    expect((await deliver('d-slow')).body.message).toBe('Slack did not answer in time');
    expect(asked.mock.calls.every(([milliseconds]) => milliseconds <= 9000)).toBe(true);
  });

  it('ok-false: says what to correct', async () => {
    installSlack(atCall(2, () => slackError('not_in_channel')));
    const { status, body } = await deliver('d-refused');
    expect([status, body.error]).toEqual([500, 'misconfigured']);
    expect(body.message).toContain('Invite the app to the channel');
    expect(JSON.stringify([body, logged])).not.toContain(env.SLACK_BOT_TOKEN);
  });

  it('redirect-host: does not follow a redirect with the token', async () => {
    const { calls } = installSlack(
      atCall(1, () => new Response(null, { status: 307, headers: { location: 'https://evil.example/' } })),
    );
    expect((await deliver('d-redirect')).body.message).toContain('Slack answered 307');
    expect(calls).toHaveLength(1);
  });
});

it.each<[Partial<Env>, string]>([
  [{ GITHUB_WEBHOOK_SECRET: '' }, 'GITHUB_WEBHOOK_SECRET is not set'],
  [{ SLACK_BOT_TOKEN: '' }, 'SLACK_BOT_TOKEN is not set'],
  [{ SLACK_CHANNEL_ID: '' }, 'SLACK_CHANNEL_ID is not set'],
  [{ SLACK_CHANNEL_ID: 'general' }, 'The channel is not an id such as C0123456789'],
  [{ MAPPING: undefined as unknown as Env['MAPPING'] }, 'MAPPING is not set; adapter.toml needs a [mapping]'],
])('says what is missing: %j', async (change, message) => {
  const { calls } = installSlack();
  const { status, body } = await deliver('d-missing', opened, change);
  expect([status, body.error]).toEqual([500, 'misconfigured']);
  expect(body.message).toContain(message);
  expect(calls).toEqual([]);
});

describe('hostile bodies, signed as they should be', async () => {
  it.each(await hostileBodies(opened))('%s', async (_, { body, headers, isTaken }) => {
    const { messages } = installSlack();
    const all = { ...(await githubHeaders('issues', crypto.randomUUID(), body)), ...headers };
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
    const body = JSON.stringify(opened);
    const request = inPieces(new TextEncoder().encode(body), await githubHeaders('issues', crypto.randomUUID(), body));
    expect((await answerOf(adapter, request, env)).body.status).toBe('posted');
  });

  it('methods: takes POST alone', async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT']) {
      expect((await answerOf(adapter, new Request('https://x.example/', { method }), env)).status).toBe(405);
    }
  });
});
