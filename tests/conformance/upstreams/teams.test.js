// A Workflows webhook of Teams has no client but a POST.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ServedUpstreams } from './bench.js';

const HOST = 'prod-12.westeurope.logic.azure.com:443';
const WORKFLOW = '/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke';
const SIGNED = '?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=example-signature';

let served;
before(async () => {
  served = await ServedUpstreams.start();
});
after(() => served?.stop());

const card = (body) => ({
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      contentUrl: null,
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        body,
      },
    },
  ],
});

function post(query, message) {
  const headers = { 'content-type': 'application/json' };
  return served.fetch(HOST, WORKFLOW + query, { method: 'POST', headers, body: JSON.stringify(message) });
}

test('a card is accepted with 202 and no body', async () => {
  const answer = await post(SIGNED, card([{ type: 'TextBlock', text: 'Checkout is down', wrap: true }]));
  assert.deepEqual([answer.status, await answer.text()], [202, '']);
  assert.ok(answer.headers.get('x-ms-workflow-run-id'));
});

test('a URL without its signature or version is refused', async () => {
  const unsigned = await post('?api-version=2016-06-01', card([]));
  assert.deepEqual([unsigned.status, (await unsigned.json()).error.code], [401, 'DirectApiAuthorizationRequired']);
  const old = await post('?sig=example-signature', card([]));
  assert.deepEqual([old.status, (await old.json()).error.code], [400, 'MissingApiVersionParameter']);
});

test('more than four messages a second are refused with a wait', async () => {
  const answers = [];
  for (let call = 0; call < 6; call += 1) answers.push(await post(SIGNED, card([{ type: 'TextBlock', text: 'x' }])));
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length >= 1);
  assert.ok(refused.every(({ headers }) => Number(headers.get('retry-after')) >= 1));
});
