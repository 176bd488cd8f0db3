// The official client on the simulated Notion.
import { APIErrorCode, APIResponseError, Client, isFullPage } from '@notionhq/client';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { broken, failure, ServedUpstreams } from './bench.js';
import { assertTypes } from '../support/types.js';

const SOURCE = '11111111-2222-4333-8444-555555555555';

let served;
before(async () => {
  served = await ServedUpstreams.start();
});
after(() => served?.stop());

function client(upstreams = served, auth = 'example-notion-token') {
  return new Client({ auth, baseUrl: upstreams.base('api.notion.com'), retry: false, logger: () => undefined });
}

/** Without the `request_id` that Notion documents for every answer and the client's types leave out. */
function typed({ request_id: id, ...answer }) {
  assert.match(id, /^[0-9a-f-]{36}$/);
  return answer;
}

const text = (content) => [{ text: { content } }];

function page(title, event) {
  return {
    parent: { type: 'data_source_id', data_source_id: SOURCE },
    properties: {
      Name: { title: text(title) },
      Event: { rich_text: text(event) },
      Amount: { number: 49.99 },
      Status: { select: { name: 'Paid' } },
      When: { date: { start: '2026-11-21T10:00:00.000Z' } },
      Done: { checkbox: false },
    },
    children: [
      ['paragraph', {}],
      ['heading_2', {}],
      ['bulleted_list_item', {}],
      ['quote', {}],
      ['to_do', { checked: true }],
      ['code', { language: 'json' }],
    ].map(([type, more]) => ({ object: 'block', type, [type]: { rich_text: text('Paid in full'), ...more } })),
  };
}

test('a page is created, read back, changed, queried and has its blocks', async () => {
  const notion = client();
  const parameters = page('Order 1042', 'evt_1');
  const created = await notion.pages.create(parameters);
  assert.ok(isFullPage(created));
  const read = await notion.pages.retrieve({ page_id: created.id });
  assert.equal(read.properties.Name.title[0].plain_text, 'Order 1042');
  const changed = await notion.pages.update({
    page_id: created.id,
    properties: { Status: { select: { name: 'Refunded' } } },
  });
  assert.equal(changed.properties.Status.select.name, 'Refunded');
  await notion.pages.create(page('Order 1043', 'evt_2'));
  const filter = { property: 'Event', rich_text: { equals: 'evt_1' } };
  const found = await notion.dataSources.query({ data_source_id: SOURCE, filter });
  assert.deepEqual(
    found.results.map(({ id }) => id),
    [created.id],
  );
  const first = await notion.dataSources.query({ data_source_id: SOURCE, page_size: 1 });
  const second = await notion.dataSources.query({ data_source_id: SOURCE, start_cursor: first.next_cursor });
  assert.equal(second.results.length, 1);
  const source = await notion.dataSources.retrieve({ data_source_id: SOURCE });
  const blocks = await notion.blocks.children.list({ block_id: created.id });
  assert.equal(blocks.results[0].paragraph.rich_text[0].plain_text, 'Paid in full');
  const bot = await notion.users.me({});

  assertTypes('@notionhq/client', [
    ['CreatePageParameters', parameters],
    ['PageObjectResponse', typed(read)],
    ['PageObjectResponse', typed(changed)],
    ['QueryDataSourceResponse', typed(found)],
    ['GetDataSourceResponse', typed(source)],
    ['ListBlockChildrenResponse', typed(blocks)],
    ['GetSelfResponse', typed(bot)],
  ]);
});

test('a token that is none is an `unauthorized` error', async () => {
  const error = await failure(client(served, '').users.me({}));
  assert.ok(error instanceof APIResponseError, String(error));
  assert.deepEqual([error.code, error.status], [APIErrorCode.Unauthorized, 401]);
  await broken(['notion:expired-token'], async (upstreams) => {
    const expired = await failure(client(upstreams).users.me({}));
    assert.deepEqual([expired.code, expired.status], [APIErrorCode.Unauthorized, 401]);
  });
});

test('what Notion refuses is a validation error, a missing page is not found', async () => {
  const notion = client();
  const long = await failure(notion.pages.create(page('x'.repeat(2001), 'evt_3')));
  assert.ok(long instanceof APIResponseError, String(long));
  assert.equal(long.code, APIErrorCode.ValidationError);
  assert.match(long.message, /length should be ≤ `2000`/);
  const missing = await failure(notion.pages.retrieve({ page_id: '00000000-0000-4000-8000-000000000000' }));
  assert.deepEqual([missing.code, missing.status], [APIErrorCode.ObjectNotFound, 404]);
});

test('too many calls are a `rate_limited` error that says how long to wait', async () => {
  await broken(['notion#1:429:retry-after=1'], async (upstreams) => {
    const error = await failure(client(upstreams).users.me({}));
    assert.deepEqual([error.code, error.status], [APIErrorCode.RateLimited, 429]);
    assert.equal(error.headers.get('retry-after'), '1');
  });
});

test('the client waits as `Retry-After` says and succeeds', async () => {
  await broken(['notion#1:429:retry-after=1'], async (upstreams) => {
    const waiting = new Client({ auth: 'example', baseUrl: upstreams.base('api.notion.com'), logger: () => undefined });
    const began = performance.now();
    assert.equal((await waiting.users.me({})).type, 'bot');
    assert.ok(performance.now() - began >= 1000);
  });
});

test('calls beyond the limit of a minute are refused without any fault', async () => {
  await broken([], async (upstreams) => {
    const notion = client(upstreams);
    let error;
    for (let call = 0; call < 181 && !error; call += 1)
      error = await notion.users.me({}).then(
        () => null,
        (e) => e,
      );
    assert.equal(error?.code, APIErrorCode.RateLimited);
  });
});
