// What a provider's own library and we have to agree on, as facts for `node:test`.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { samplesOf, SECRETS, Senders } from './bench.js';

/**
 * Declares the facts. `accepts(request, secret)` is the library's judgement: it answers true, or answers false or throws.
 * `signs(request, secret)` is the same request with the library's signature in place of ours; leave it out for a library
 * that only verifies. `other` is a secret of the same form as `secret`; `settings` are the adapter's `[provider_settings]`.
 * A scheme that sends the secret itself does not cover the body.
 */
export function agree({
  provider,
  library,
  accepts,
  signs,
  secret = SECRETS[provider],
  other = another(secret),
  settings = {},
  samples = samplesOf(provider),
  coversBody = true,
}) {
  describe(`${provider} × ${library}`, () => {
    let senders;
    let signed;
    before(async () => {
      senders = await Senders.open({ [provider]: { provider, secret, settings } });
      signed = await senders.signAll(provider, samples);
    });
    after(() => senders?.close());

    const judged = async (request, by = secret) => {
      try {
        return await accepts(request, by);
      } catch (error) {
        assert.ok(error instanceof Error, String(error));
        return false;
      }
    };
    const trusted = () => signed.filter(({ accepted }) => accepted);

    test('the library accepts what we sign', async (t) => {
      assert.ok(trusted().length > 0, 'there are samples');
      let agreed = 0;
      for (const { sample, request, accepted, signing } of signed) {
        assert.equal(await judged(request), accepted, `${sample}: ${signing}`);
        agreed += 1;
      }
      t.diagnostic(`${provider} × ${library}: ${agreed}/${signed.length} samples`);
    });

    const refused = coversBody ? 'refused' : 'not seen';
    test(`a changed body is ${refused} by the library and by us`, async () => {
      for (const { sample, request } of trusted()) {
        const changed = request.tampered();
        assert.notDeepEqual(changed.body, request.body);
        assert.equal(await judged(changed), !coversBody, sample);
        assert.equal(await senders.accepts(provider, changed), !coversBody, sample);
        assert.equal(await senders.accepts(provider, request), true, `${sample}, unchanged`);
      }
    });

    test('the library refuses what we sign when its secret is another', async () => {
      for (const { sample, request } of trusted()) assert.equal(await judged(request, other), false, sample);
    });

    if (!signs) return;
    test(`what the library signs is accepted by us, and a change of it ${refused}`, async () => {
      for (const { sample, request } of trusted()) {
        const theirs = await signs(request, secret);
        assert.equal(await senders.accepts(provider, theirs), true, sample);
        assert.equal(await senders.accepts(provider, theirs.tampered()), !coversBody, sample);
        const forged = await signs(request, other);
        assert.equal(await senders.accepts(provider, forged), false, `${sample}, with another secret`);
      }
    });
  });
}

const another = (secret) => `${secret.slice(0, -4)}AAAA`;

/** A request with some headers replaced. */
export function withHeaders(request, headers) {
  const copy = request.withBody(request.body);
  copy.headers = { ...request.headers, ...headers };
  return copy;
}

/** Seconds since 1970. */
export const now = () => Math.floor(Date.now() / 1000);
