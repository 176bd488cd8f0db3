import { expect, it } from 'vitest';
import { collectLog } from '../testing/deliver';
import { installFetch } from '../testing/fetch';
import { jsonBody, jsonTarget, post } from './json-target';

collectLog();
const target = () => jsonTarget('https://api.example.com/events', 'Bearer example-token', Date.now() + 2000);

it('sends the body with the authorization and the key', async () => {
  const calls = installFetch(() => new Response(null, { status: 204 }));
  expect(await post(target(), { a: 1 }, 'order-7')).toBe(204);
  expect(calls.map(({ method, url, body }) => [method, url, body])).toEqual([
    ['POST', 'https://api.example.com/events', { a: 1 }],
  ]);
  expect(Object.fromEntries(calls[0]?.headers ?? [])).toEqual({
    accept: 'application/json',
    authorization: 'Bearer example-token',
    'content-type': 'application/json',
    'idempotency-key': 'order-7',
  });
});

it('hdr-nonlatin: writes a key that no header takes in ASCII', async () => {
  const calls = installFetch(() => new Response(null, { status: 204 }));
  for (const key of ['ß 🪑', 'a\r\nx: y', '\ud800']) await post(target(), {}, key);
  expect(calls.map(({ headers }) => headers.get('idempotency-key'))).toEqual([
    '%C3%9F%20%F0%9F%AA%91',
    'a%0D%0Ax%3A%20y',
    '%EF%BF%BD',
  ]);
});

it.each<[number, object, string, string]>([
  [400, { title: 'Bad', detail: 'No order', type: 'about:blank' }, 'never', 'Bad: No order. Compare [mapping]'],
  [401, { error: 'invalid_token' }, 'never', 'invalid_token. Check TARGET_AUTHORIZATION'],
  [404, { error: { code: 'gone', message: 'No such list' } }, 'never', 'gone: No such list. Check TARGET_URL'],
  [409, { message: 'Already in progress' }, 'again', 'Target answered 409 Already in progress'],
  [422, [], 'never', 'Target answered 422. Compare [mapping]'],
  [500, {}, 'again', 'Target answered 500'],
])('after %i it is clear what to do', async (status, body, retry, message) => {
  installFetch(() => Response.json(body, { status }));
  const short = { ...target(), answerBy: Date.now() + 500 };
  await expect(post(short, {}, 'order-7')).rejects.toMatchObject({
    retry,
    message: expect.stringContaining(message) as string,
  });
});

it.each([
  [undefined, 'Bearer x', 'TARGET_URL is not set'],
  ['http://api.example.com', 'Bearer x', 'TARGET_URL is not an https address'],
  ['api.example.com', 'Bearer x', 'TARGET_URL is not an https address'],
  ['https://api.example.com', '', 'TARGET_AUTHORIZATION is not set'],
])('says what is missing: %s, %s', (url, authorization, message) => {
  expect(() => jsonTarget(url, authorization, 0)).toThrow(message);
});

const document = { id: 7, paid: 'true', price: '12.50', tags: ['a'], one: 'x', empty: '', at: { day: 1 } };

it('builds fields in fields, of the types that the mapping names', () => {
  const mapping = {
    'order.id': '{id}',
    'order.price': { type: 'number', value: '{price}' },
    'order.paid': { type: 'boolean', value: '{paid}' },
    text: { type: 'text', value: '{id}' },
    tags: { type: 'list', value: '{one}' },
    at: '{at}',
    left: '{empty}',
  };
  expect(jsonBody(mapping, document)).toEqual({
    order: { id: 7, price: 12.5, paid: true },
    text: '7',
    tags: ['x'],
    at: { day: 1 },
  });
});

it.each([
  [{ a: { type: 'number', value: '{one}' } }, 'The mapping of "a" gives no number'],
  [{ a: { type: 'boolean', value: '{one}' } }, 'The mapping of "a" gives no boolean'],
  [{ a: { type: 'text', value: '{tags}' } }, 'The mapping of "a" gives no text'],
  [{ a: { type: 'date', value: '{one}' } }, 'has the type "date"; use any, text, number, boolean, list'],
  [{ a: '{one}', 'a.b': '{one}' }, 'The mapping of "a.b" does not fit beside the other fields'],
  [{ 'a.b': '{one}', a: '{one}' }, 'The mapping of "a" does not fit beside the other fields'],
  [{ 'a..b': '{one}' }, 'does not fit'],
  [{ '__proto__.b': '{one}' }, 'does not fit'],
])('refuses %j', (mapping, message) => {
  expect(() => jsonBody(mapping, document)).toThrow(message);
  expect(({} as { b?: unknown }).b).toBeUndefined();
});
