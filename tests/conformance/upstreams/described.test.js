// An API that an OpenAPI document describes, served beside the built-in ones.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { failure, ServedUpstreams, serving } from './bench.js';

const HOST = 'api.orders.example.com';
const ORDERS = `openapi: 3.1.0
info: { title: Orders, version: "1" }
servers: [{ url: https://${HOST}/v1 }]
components:
  schemas:
    Order:
      type: object
      required: [customer, amount]
      properties:
        id: { type: string, readOnly: true }
        customer: { type: string }
        amount: { type: integer, minimum: 1 }
paths:
  /orders:
    post:
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
      responses:
        "201": { description: made, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
  /orders/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        "200": { description: one, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
`;

let folder;
let served;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pb-described-'));
  await writeFile(join(folder, 'orders.yaml'), ORDERS);
  await writeFile(join(folder, 'notes.json'), '{ "notes": [] }');
  served = await ServedUpstreams.startWith('--openapi', join(folder, 'orders.yaml'));
});
after(async () => {
  await served?.stop();
  await rm(folder, { recursive: true });
});

function post(order) {
  const headers = { 'content-type': 'application/json' };
  return served.fetch(HOST, '/v1/orders', { method: 'POST', headers, body: JSON.stringify(order) });
}

test('an order is checked, made and read back, on the host that the document names', async () => {
  assert.deepEqual(served.hosts.custom, [HOST]);
  const made = await post({ customer: 'Ada', amount: 3 });
  assert.equal(made.status, 201);
  const { id } = await made.json();
  const read = await (await served.fetch(HOST, `/v1/orders/${id}`)).json();
  assert.deepEqual([read.customer, read.amount], ['Ada', 3]);
  assert.equal((await post({ customer: 'Ada' })).status, 400);
  assert.equal((await post({ customer: 'Ada', amount: 0 })).status, 400);
});

test('what is no OpenAPI document, and a file that is not there, are refused with the name', async () => {
  for (const [message, file] of [
    [/^error: The document `.*notes\.json` is not an OpenAPI 3 document\n/, 'notes.json'],
    [/^error: `.*missing\.yaml` cannot be read: No such file/, 'missing.yaml'],
  ]) {
    const { code, stdout, stderr } = await failure(serving('--port', '0', '--openapi', join(folder, file)));
    assert.match(stderr, message);
    assert.deepEqual([code, stdout], [2, '']);
  }
});
