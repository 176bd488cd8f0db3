import { expect, it } from 'vitest';
import { priorityOf, readAlert } from './alert';

it.each([
  ['CRITICAL: checkout-api answers 500', 'P1'],
  ['The database is down', 'P1'],
  ['SEV-1 payments', 'P1'],
  ['🚨 queue is full', 'P1'],
  [':red_circle: queue is full', 'P1'],
  ['3 jobs failed', 'P2'],
  ['Error rate above 5 %', 'P2'],
  ['warning: disk at 80 %', 'P3'],
  ['⚠️ disk at 80 %', 'P3'],
  ['p95 latency above 2 s', 'P3'],
  ['@here warning: disk at 95 %', 'P2'],
  ['@channel 3 jobs failed', 'P1'],
  ['@channel critical', 'P1'],
  ['@channel lunch?', undefined],
  ['Download the criticality report', undefined],
  ['', undefined],
])('%j has the priority %s', (text, priority) => {
  expect(priorityOf(text)).toBe(priority);
});

const message = (text: string, change: object = {}) => ({ text, ts: '1760000001.000100', ...change });
const reply = (text: string) => message(text, { thread_ts: '1760000000.000100' });

it('a message with such a word is an alert that its own time stamp names', () => {
  expect(readAlert(message('checkout is down'))).toEqual({
    action: 'trigger',
    priority: 'P1',
    alert: 'checkout is down',
    thread: '1760000001.000100',
  });
});

it.each([
  ['resolved', 'resolve'],
  ['Recovered by itself ✅', 'resolve'],
  ['ack', 'acknowledge'],
  ['I am on it', 'acknowledge'],
  ['👀', 'acknowledge'],
  ['not resolved yet', 'none'],
  ['ping me when it is fixed', 'none'],
  ['it is still down', 'none'],
  ['background noise', 'none'],
])('the reply %j means: %s', (text, action) => {
  const alert = readAlert(reply(text));
  expect(alert.action).toBe(action);
  if (alert.action !== 'none') expect(alert.thread).toBe('1760000000.000100');
});

it.each(['Good morning', '[RESOLVED] checkout is down', 'checkout recovered from the outage'])(
  'the message %j is no alert',
  (text) => expect(readAlert(message(text)).action).toBe('none'),
);

it('the message that began a thread stays an alert', () => {
  expect(readAlert(message('checkout is down', { thread_ts: '1760000001.000100' })).action).toBe('trigger');
});

it('reads what monitoring writes into attachments', () => {
  const attachments = [
    { title: 'CPU &gt; 90 %', text: 'host <https://example.com|web-1> is unreachable', fallback: 'not this' },
    { fallback: 'Triggered' },
    null,
  ];
  expect(readAlert(message('', { attachments }))).toMatchObject({
    action: 'trigger',
    alert: 'CPU > 90 %\nhost web-1 (https://example.com) is unreachable\nTriggered',
  });
});
