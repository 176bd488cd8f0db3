import { expect, it } from 'vitest';
import { answerOf, collectLog } from '../../../testing/deliver';
import { STANDARD_SECRET, standardHeaders, standardRequest } from '../../../testing/standard-webhooks';
import adapter from './adapter';

const env = { WEBHOOK_SECRET: STANDARD_SECRET };
const logged = collectLog();

it('answers with what it received', async () => {
  const answer = await answerOf(adapter, await standardRequest('msg_1', { type: 'contact.created' }), env);
  expect([answer.status, answer.body]).toEqual([
    200,
    { status: 'received', message_id: 'msg_1', type: 'contact.created' },
  ]);
  expect(logged).toEqual(['standard-webhooks: msg_1: received msg_1']);
});

it('refuses a forged request', async () => {
  const forged = await standardRequest('msg_2', { type: 'forged' }, await standardHeaders('msg_2', '{}'));
  expect((await answerOf(adapter, forged, env)).status).toBe(401);
});

it('says that the secret is not set', async () => {
  const answer = await answerOf(adapter, await standardRequest('msg_3', {}), { WEBHOOK_SECRET: '' });
  expect([answer.status, answer.body.message]).toEqual([500, 'WEBHOOK_SECRET is not set']);
});
