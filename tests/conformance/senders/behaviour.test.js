// What senders do beyond sending an event once, judged by the providers' own libraries at a receiver on this machine.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import bolt from '@slack/bolt';
import { verify as verifyGitHub } from '@octokit/webhooks-methods';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Request, SECRETS, Senders } from './bench.js';

/** By provider: a sample, where the event's id stands, how often it is retried, and the library's judgement. */
const PROVIDERS = {
  slack: {
    sample: 'message-in-thread',
    id: ({ text }) => JSON.parse(text).event_id,
    retries: 3,
    ages: true,
    accepts({ headers, text }, signingSecret) {
      bolt.verifySlackRequest({
        signingSecret,
        body: text,
        headers: {
          'x-slack-signature': headers['x-slack-signature'],
          'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
        },
      });
      return true;
    },
  },
  stripe: {
    sample: 'payment-intent-succeeded',
    id: ({ text }) => JSON.parse(text).id,
    retries: 12,
    ages: true,
    accepts({ headers, text }, secret) {
      return (
        new Stripe('example-key').webhooks.constructEvent(text, headers['stripe-signature'], secret).object === 'event'
      );
    },
  },
  'standard-webhooks': {
    sample: 'contact-created',
    id: ({ headers }) => headers['webhook-id'],
    retries: 9,
    ages: true,
    accepts: ({ headers, text }, secret) => typeof new Webhook(secret).verify(text, headers) === 'object',
  },
  github: {
    sample: 'push',
    id: ({ headers }) => headers['x-github-delivery'],
    retries: 0,
    ages: false,
    accepts: ({ headers, text }, secret) => verifyGitHub(secret, text, headers['x-hub-signature-256'] ?? ''),
  },
};

/** A receiver that keeps what it gets. */
class Receiver {
  received = [];
  status = 200;

  async open() {
    this.server = createServer(async (request, response) => {
      const { method, url, headers } = request;
      const body = await buffer(request);
      this.received.push(new Request({ method, url: `${this.url}${url}`, headers, body }));
      response.writeHead(this.status).end();
    });
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

for (const [provider, { sample, id, retries, ages, accepts }] of Object.entries(PROVIDERS)) {
  describe(`${provider} as its sender behaves`, () => {
    let senders;
    let receiver;
    before(async () => {
      senders = await Senders.open({ [provider]: SECRETS[provider] });
      receiver = await new Receiver().open();
    });
    after(async () => {
      receiver?.close();
      await senders?.close();
    });

    const sent = async (behaviour, status = 200) => {
      Object.assign(receiver, { status, received: [] });
      const place = ['--sample', sample, '--dispatcher', receiver.url];
      const outcome = await senders.run(['replay', `acme/${provider}`, ...place, '--sender', behaviour, '--json']);
      return { ...outcome, requests: receiver.received };
    };
    const judged = async (request) => {
      try {
        return await accepts(request, SECRETS[provider]);
      } catch (error) {
        assert.ok(error instanceof Error, String(error));
        return false;
      }
    };

    test('a duplicate is accepted twice and has one id', async () => {
      const { requests, errors } = await sent('duplicate');
      assert.equal(requests.length, 2, errors);
      for (const request of requests) assert.equal(await judged(request), true);
      assert.equal(id(requests[0]), id(requests[1]));
      assert.ok(id(requests[0]), 'there is an id');
      assert.deepEqual(requests[0].body, requests[1].body);
    });

    test(ages ? 'a stale request is refused' : 'nothing can be stale, which is said', async () => {
      const { requests, errors, code } = await sent('stale');
      assert.equal(requests.length, ages ? 1 : 0, errors);
      if (ages) assert.equal(await judged(requests[0]), false);
      else assert.match(errors, /signs no time with it/);
      assert.equal(code === 0, ages, errors);
    });

    test('every bad signature is refused', async () => {
      const { requests, errors } = await sent('bad-signature');
      assert.ok(requests.length >= 3, errors);
      for (const request of requests) assert.equal(await judged(request), false, JSON.stringify(request.headers));
    });

    test('retries are the same event until they end, and each is accepted', async () => {
      const { requests, errors } = await sent('retries', 503);
      assert.equal(requests.length, retries + 1, errors);
      const known = id(requests[0]);
      for (const [number, request] of requests.entries()) {
        assert.equal(await judged(request), true, `attempt ${number}`);
        assert.equal(id(request), known);
        if (provider === 'slack' && number > 0) {
          assert.equal(request.headers['x-slack-retry-num'], String(number));
          assert.equal(request.headers['x-slack-retry-reason'], 'http_error');
        }
      }
      const { requests: taken } = await sent('retries', 200);
      assert.equal(taken.length, 1, 'a sender that is content sends no more');
    });
  });
}
