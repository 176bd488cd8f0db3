// The official server SDK on the simulated PayPal. It reads every answer by the schema of its type and fails where
// they do not fit.
import {
  ApiError,
  CheckoutPaymentIntent,
  Client,
  CustomError,
  Environment,
  OrdersController,
  PaymentsController,
} from '@paypal/paypal-server-sdk';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { broken, failure, ServedUpstreams } from './bench.js';

/** An order that its payer has approved: a webhook names it, so it exists. */
const APPROVED = '5O190127TN364715T';

let served;
before(async () => {
  served = await ServedUpstreams.start();
});
after(() => served?.stop());

function client(upstreams = served, oAuthClientId = 'example-client') {
  return new Client({
    environment: Environment.Sandbox,
    clientCredentialsAuthCredentials: { oAuthClientId, oAuthClientSecret: 'example-secret' },
    httpClientOptions: { httpsAgent: upstreams.httpsAgent(), retryConfig: { maxNumberOfRetries: 0 } },
  });
}

const order = (value) => ({
  intent: CheckoutPaymentIntent.Capture,
  purchaseUnits: [{ amount: { currencyCode: 'USD', value }, referenceId: 'evt_1' }],
});

test('an order is created and read back', async () => {
  const orders = new OrdersController(client());
  const { result, statusCode } = await orders.createOrder({ body: order('10.00') });
  assert.deepEqual([statusCode, result.status], [201, 'CREATED']);
  const { result: read } = await orders.getOrder({ id: result.id });
  assert.equal(read.id, result.id);
});

test('an approved order is captured once and refunded once for a request id', async () => {
  const paypal = client();
  const orders = new OrdersController(paypal);
  const payments = new PaymentsController(paypal);
  const { result } = await orders.captureOrder({ id: APPROVED });
  assert.equal(result.status, 'COMPLETED');
  const [capture] = result.purchaseUnits[0].payments.captures;
  const { result: read } = await payments.getCapturedPayment({ captureId: capture.id });
  assert.equal(read.amount.value, capture.amount.value);
  const again = await failure(orders.captureOrder({ id: APPROVED }));
  assert.deepEqual([again.statusCode, again.result.details[0].issue], [422, 'ORDER_ALREADY_CAPTURED']);
  const refund = {
    captureId: capture.id,
    paypalRequestId: 'evt_2',
    body: { amount: { currencyCode: 'USD', value: '5.50' } },
  };
  const first = await payments.refundCapturedPayment(refund);
  const second = await payments.refundCapturedPayment(refund);
  assert.equal(second.result.id, first.result.id, 'the same request id refunds once');
  const { result: refunded } = await payments.getRefund({ refundId: first.result.id });
  assert.equal(refunded.amount.value, '5.50');
});

test('what PayPal refuses is an error with the issue', async () => {
  const orders = new OrdersController(client());
  const missing = await failure(orders.getOrder({ id: 'nope' }));
  assert.ok(missing instanceof ApiError && missing instanceof CustomError, String(missing));
  assert.deepEqual([missing.statusCode, missing.result.name], [404, 'RESOURCE_NOT_FOUND']);
  assert.match(missing.result.debug_id, /^[0-9a-z]+$/);
  const precise = await failure(orders.createOrder({ body: order('1.001') }));
  assert.deepEqual([precise.statusCode, precise.result.details[0].issue], [422, 'DECIMAL_PRECISION']);
});

test('a client that is none gets no token', async () => {
  const error = await failure(new OrdersController(client(served, '')).getOrder({ id: APPROVED }));
  assert.ok(error instanceof ApiError, String(error));
  // The package exports an enumeration under the name of this class.
  assert.equal(error.constructor.name, 'OAuthProviderError');
  assert.deepEqual([error.statusCode, error.result.error], [401, 'invalid_client']);
});

test('a limit and a server that is down have their names', async () => {
  for (const [fault, status, name] of [
    ['paypal#2:429', 429, 'RATE_LIMIT_REACHED'],
    ['paypal#2:503', 503, 'SERVICE_UNAVAILABLE'],
    ['paypal#2:500', 500, 'INTERNAL_SERVER_ERROR'],
  ]) {
    await broken([fault], async (upstreams) => {
      const error = await failure(new OrdersController(client(upstreams)).getOrder({ id: APPROVED }));
      assert.ok(error instanceof ApiError, String(error));
      assert.equal(error.statusCode, status);
      assert.equal(JSON.parse(error.body).name, name);
    });
  }
});
