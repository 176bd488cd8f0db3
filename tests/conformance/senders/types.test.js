// What the samples hold against the types that the providers publish for their events: a sample may leave fields out, but
// what is there has a name and a type that the provider's events have.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertTypes, part } from '../support/types.js';
import { CATALOGUE } from './bench.js';

/** The JSON bodies of a provider's samples with their events; times and ids stand in them as they are sent. */
function events(provider) {
  const folder = join(CATALOGUE, provider);
  const samples = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
  return samples.filter(({ body }) => body).map(({ event, body }) => ({ event, body: filled(body) }));
}

function filled(body) {
  return JSON.parse(JSON.stringify(body).replaceAll(/"\{\{unix_[a-z]+:number\}\}"/g, '1795249800'));
}

/**
 * Fields that the providers send and their types leave out: `total_count` of the lines of an invoice (Stripe), `app_id` of
 * a message of a bot, `client_msg_id`, `team` and `parent_user_id` of messages with a subtype (Slack).
 */
const SENT_UNTYPED = ['total_count', 'app_id', 'client_msg_id', 'team', 'parent_user_id'];

function without(value, names) {
  return JSON.parse(JSON.stringify(value, (name, inner) => (names.includes(name) ? undefined : inner)));
}

test('GitHub samples have the types of Octokit', (t) => {
  const typed = events('github').map(({ event, body }) => [part(`EmitterWebhookEvent<'${event}'>['payload']`), body]);
  assert.ok(typed.length >= 9);
  assertTypes('@octokit/webhooks', typed);
  t.diagnostic(`github × @octokit/webhooks: ${typed.length} types`);
});

test('Stripe samples have the types of its library', (t) => {
  const name = (event) => event.replaceAll(/(?:^|[._])([a-z])/g, (_, letter) => letter.toUpperCase());
  const snapshots = events('stripe').filter(({ body }) => body.object === 'event');
  const typed = snapshots.map(({ event, body }) => [part(`Stripe.${name(event)}Event`), without(body, SENT_UNTYPED)]);
  assert.ok(typed.length >= 12);
  assertTypes('stripe', typed);
  t.diagnostic(`stripe × stripe: ${typed.length} types`);
});

test('Slack samples have the types of Bolt', (t) => {
  const subtypes = {
    thread_broadcast: 'ThreadBroadcastMessageEvent',
    message_changed: 'MessageChangedEvent',
    message_deleted: 'MessageDeletedEvent',
    bot_message: 'BotMessageEvent',
    file_share: 'FileShareMessageEvent',
  };
  const callbacks = events('slack').filter(({ body }) => body.type === 'event_callback');
  const typed = callbacks.map(({ body: { event } }) => {
    const { type, subtype } = event;
    const name = type.replaceAll(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase());
    const shape = type === 'message' ? (subtypes[subtype] ?? 'GenericMessageEvent') : `${name}Event`;
    return [part(`types.${shape}`), subtype ? without(event, SENT_UNTYPED) : event];
  });
  assert.ok(typed.length >= 12);
  assertTypes('@slack/bolt', typed);
  t.diagnostic(`slack × @slack/bolt: ${typed.length} types`);
});
