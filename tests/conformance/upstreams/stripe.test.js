// The official client on the simulated Stripe.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Stripe from 'stripe';
import { broken, failure, ServedUpstreams } from './bench.js';
import { assertTypes, part } from '../support/types.js';

let served;
before(async () => {
  served = await ServedUpstreams.start();
});
after(() => served?.stop());

function client(upstreams = served, options = {}) {
  return new Stripe('example-stripe-key', {
    protocol: 'http',
    port: 80,
    httpAgent: upstreams.agent(),
    maxNetworkRetries: 0,
    telemetry: false,
    ...options,
  });
}

test('a customer is created, read back, changed, listed page by page and deleted', async () => {
  const stripe = client();
  const parameters = { email: 'ada@example.com', name: 'Ada', metadata: { order: '1042' } };
  const created = await stripe.customers.create(parameters);
  const read = await stripe.customers.retrieve(created.id);
  assert.deepEqual(read.metadata, { order: '1042' });
  const changed = await stripe.customers.update(created.id, { metadata: { order: '', refund: '1' } });
  assert.deepEqual(changed.metadata, { refund: '1' });
  for (const name of ['Bo', 'Cy']) await stripe.customers.create({ email: 'twins@example.com', name });
  const twins = [];
  for await (const { name } of stripe.customers.list({ email: 'twins@example.com', limit: 1 })) twins.push(name);
  assert.deepEqual(twins, ['Cy', 'Bo']);
  const deleted = await stripe.customers.del(created.id);
  assertTypes('stripe', [
    ['Stripe.CustomerCreateParams', parameters],
    [part('Stripe.Customer'), created],
    [part('Stripe.Customer'), changed],
    ['Stripe.DeletedCustomer', deleted],
  ]);
});

test('a product has prices', async () => {
  const stripe = client();
  const product = await stripe.products.create({ name: 'Coffee' });
  const price = await stripe.prices.create({ product: product.id, currency: 'eur', unit_amount: 350 });
  const parameters = { product_data: { name: 'Tea' }, currency: 'eur', unit_amount: 300 };
  const tea = await stripe.prices.create(parameters);
  assert.equal((await stripe.products.retrieve(tea.product)).name, 'Tea');
  assertTypes('stripe', [
    ['Stripe.PriceCreateParams', parameters],
    [part('Stripe.Product'), product],
    [part('Stripe.Price'), price],
    [part('Stripe.Price'), tea],
  ]);
});

test('a payment is confirmed, refunded once, and its charge expanded', async () => {
  const stripe = client();
  const parameters = { amount: 5000, currency: 'eur', confirm: true, payment_method: 'pm_card_visa' };
  const intent = await stripe.paymentIntents.create(parameters);
  assert.equal(intent.status, 'succeeded');
  const expanded = await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
  assert.equal(expanded.latest_charge.amount, 5000);
  const refund = await stripe.refunds.create({ payment_intent: intent.id });
  const again = await failure(stripe.refunds.create({ payment_intent: intent.id }));
  assert.deepEqual([again.code, again.type], ['charge_already_refunded', 'StripeInvalidRequestError']);
  assertTypes('stripe', [
    ['Stripe.PaymentIntentCreateParams', parameters],
    [part('Stripe.PaymentIntent'), intent],
    [part('Stripe.PaymentIntent'), expanded],
    [part('Stripe.Refund'), refund],
  ]);
});

test('an idempotency key makes one object of a call that is made twice', async () => {
  const stripe = client();
  const options = { idempotencyKey: 'evt_1' };
  const first = await stripe.customers.create({ email: 'once@example.com' }, options);
  const second = await stripe.customers.create({ email: 'once@example.com' }, options);
  assert.equal(second.id, first.id);
  assert.equal(second.lastResponse.headers['idempotent-replayed'], 'true');
  const found = await stripe.customers.list({ email: 'once@example.com' });
  assert.equal(found.data.length, 1);
  const other = await failure(stripe.customers.create({ email: 'other@example.com' }, options));
  assert.ok(other instanceof Stripe.errors.StripeIdempotencyError, String(other));
});

test('what Stripe refuses is the error of its kind', async () => {
  const stripe = client();
  const {
    StripeAuthenticationError,
    StripeCardError,
    StripeInvalidRequestError,
    StripeRateLimitError,
    StripeAPIError,
  } = Stripe.errors;
  const missing = await failure(stripe.customers.retrieve('nobody'));
  assert.ok(missing instanceof StripeInvalidRequestError, String(missing));
  assert.deepEqual([missing.code, missing.statusCode, missing.param], ['resource_missing', 404, 'id']);
  assert.match(missing.requestId, /^req_/);
  const unknown = await failure(stripe.customers.create({ colour: 'red' }));
  assert.deepEqual([unknown.code, unknown.param], ['parameter_unknown', 'colour']);
  const card = { amount: 100, currency: 'usd', confirm: true, payment_method: 'pm_card_chargeDeclined' };
  const declined = await failure(stripe.paymentIntents.create(card));
  assert.ok(declined instanceof StripeCardError, String(declined));
  assert.equal(declined.code, 'card_declined');
  for (const [fault, kind, status] of [
    ['stripe:expired-token', StripeAuthenticationError, 401],
    ['stripe:429', StripeRateLimitError, 429],
    ['stripe:500', StripeAPIError, 500],
  ]) {
    await broken([fault], async (upstreams) => {
      const error = await failure(client(upstreams).balance.retrieve());
      assert.ok(error instanceof kind, `${fault}: ${error}`);
      assert.equal(error.statusCode, status);
    });
  }
});

test('more than 25 calls a second are refused without any fault', async () => {
  await broken([], async (upstreams) => {
    const stripe = client(upstreams);
    const calls = await Promise.allSettled(Array.from({ length: 30 }, () => stripe.balance.retrieve()));
    const refused = calls.filter(({ status }) => status === 'rejected').map(({ reason }) => reason);
    assert.equal(refused.length, 5);
    assert.ok(refused.every((error) => error instanceof Stripe.errors.StripeRateLimitError));
  });
});

test('a call whose answer is lost is made once, because the client repeats it with its key', async () => {
  await broken(['stripe#1:500:applied', 'stripe#2:reset'], async (upstreams) => {
    const stripe = client(upstreams, { maxNetworkRetries: 3 });
    const created = await stripe.customers.create({ email: 'lost@example.com' });
    const found = await stripe.customers.list({ email: 'lost@example.com' });
    assert.deepEqual(
      found.data.map(({ id }) => id),
      [created.id],
    );
  });
});
