import { describe, expect, it } from 'vitest';
import { collectLog } from '../testing/deliver';
import { type Delivery, type Outcome, type Sender, type WebhookEvent, deliver } from './deliveries';
import { DeliveryError } from './errors';

const logged = collectLog();

function sender(delivery: Delivery<object> | DeliveryError, change: Partial<Sender<object>> = {}): Sender<object> {
  return {
    name: 'test',
    answerWithinMs: 1000,
    read: () => (delivery instanceof DeliveryError ? Promise.reject(delivery) : Promise.resolve(delivery)),
    refused: (error) => error.toResponse({ 'x-told': error.retry }),
    ...change,
  };
}

const events = (...ids: string[]): Delivery<object> => ({
  kind: 'events',
  events: ids.map((id) => ({ id, document: { id }, about: id })),
});
const created = ({ id }: WebhookEvent<object>): Promise<Outcome> => Promise.resolve({ status: 'created', page_id: id });
const run = (from: Sender<object>, work: (event: WebhookEvent<object>) => Promise<Outcome> = created) =>
  deliver(new Request('https://x.example/'), from, work);
const again = new DeliveryError(503, 'busy', 'Come back', 'again', 7);
const never = new DeliveryError(500, 'misconfigured', 'Correct it', 'never');

it('answers with what became of the event, and logs its ids', async () => {
  expect(await run(sender(events('a')))).toEqual({ status: 'created', page_id: 'a' });
  expect(logged).toEqual(['test: a: created a']);
});

it('answers with all of a batch, in its order', async () => {
  const ids = Array.from({ length: 30 }, (_, index) => `event-${index}`);
  const answer = await run(sender(events(...ids)), async (event) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    return created(event);
  });
  expect(answer).toEqual({ status: 'done', outcomes: ids.map((id) => ({ status: 'created', page_id: id })) });
});

it('works on a few events of a batch at the same time', async () => {
  let [now, most] = [0, 0];
  await run(sender(events(...'abcdefghij')), async (event) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 2));
    now -= 1;
    return created(event);
  });
  expect(most).toBe(4);
});

it('answers handshakes as the sender wants them', async () => {
  const answer = new Response('token', { headers: { 'content-type': 'text/plain' } });
  expect(await run(sender({ kind: 'handshake', answer }))).toBe(answer);
});

it('says what it ignored', async () => {
  expect(await run(sender({ kind: 'ignored', reason: 'a test event' }))).toEqual({
    status: 'ignored',
    reason: 'a test event',
  });
  expect(logged).toEqual(['test: event: ignored a test event']);
});

it('lets the sender word the answer', async () => {
  const accepted = (outcomes: Outcome[]) => new Response(`<Ack>${outcomes.length}</Ack>`);
  const answer = (await run(sender(events('a', 'b'), { accepted }))) as Response;
  expect(await answer.text()).toBe('<Ack>2</Ack>');
});

describe('when an event of a batch fails', () => {
  it('handles the others all the same', async () => {
    const handled: string[] = [];
    await run(sender(events('a', 'b', 'c', 'd', 'e', 'f')), (event) => {
      handled.push(event.id);
      return event.id === 'a' ? Promise.reject(again) : created(event);
    });
    expect(handled).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('tells the sender of the failure that a repetition can mend', async () => {
    const answer = (await run(sender(events('a', 'b')), ({ id }) =>
      Promise.reject(id === 'a' ? never : again),
    )) as Response;
    expect([answer.status, answer.headers.get('x-told'), answer.headers.get('retry-after')]).toEqual([
      503,
      'again',
      '7',
    ]);
  });

  it('tells it of one that only a person can mend, if there is no other', async () => {
    const answer = (await run(sender(events('a', 'b')), (event) =>
      event.id === 'a' ? Promise.reject(never) : created(event),
    )) as Response;
    expect([answer.status, answer.headers.get('x-told')]).toEqual([500, 'never']);
  });
});

it('logs why a delivery was refused', async () => {
  await run(sender(again));
  expect(logged).toEqual(['test: 503 busy: Come back']);
});

it('leaves a mistake in the code to the runtime, which shows where it is', async () => {
  const mistake = new TypeError('undefined is not a function');
  await expect(run(sender(events('a')), () => Promise.reject(mistake))).rejects.toBe(mistake);
});
