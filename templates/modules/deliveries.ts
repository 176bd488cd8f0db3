// One webhook's way through an adapter: read it, do the work once, tell the sender, leave one line in the log.
import { DeliveryError } from './errors';
import { onlyOnce } from './once';

/** How many events of one webhook are worked on at the same time. */
const AT_ONCE = 4;

/** Something that happened, to be handled once. */
export interface WebhookEvent<Document extends object> {
  /** The same when the sender sends it again, and in no other event. */
  id: string;
  /** What the field mapping reads. */
  document: Document;
  /** Ids for the log, never texts or amounts. */
  about: string;
}

export type Delivery<Document extends object> =
  | { kind: 'handshake'; answer: Response | object }
  | { kind: 'ignored'; reason: string }
  | { kind: 'events'; events: WebhookEvent<Document>[] };

/** What a sender's module knows about its sender. */
export interface Sender<Document extends object> {
  /** For the log. */
  name: string;
  /** How long the adapter takes at most, in milliseconds: less than the sender waits, by the time for the way back. */
  answerWithinMs: number;
  /** Checks the signature over the bytes as they came, then reads them. */
  read(request: Request): Promise<Delivery<Document>>;
  /** The answer that makes this sender send again, or not. */
  refused(error: DeliveryError): Response;
  /** The answer to a webhook that was handled, where the sender expects more than 200 and JSON. */
  accepted?(outcomes: Outcome[]): Response | object;
}

/** What became of an event: `created`, `duplicate`, `ignored`, … Fields that end in `_id` or `_key` go into the log. */
export interface Outcome {
  status: string;
  reason?: string;
  [field: string]: unknown;
}

/** Handles a webhook. `work` gets each event and the moment by which it has to be done, in Unix milliseconds. */
export async function deliver<Document extends object>(
  request: Request,
  sender: Sender<Document>,
  work: (event: WebhookEvent<Document>, answerBy: number) => Promise<Outcome>,
): Promise<Response | object> {
  const answerBy = Date.now() + sender.answerWithinMs;
  try {
    const delivery = await sender.read(request);
    if (delivery.kind === 'handshake') return delivery.answer;
    if (delivery.kind === 'ignored') return answered(sender, [ignored(sender, delivery.reason)]);
    const outcomes = await each(delivery.events, async (event) => {
      const outcome = await onlyOnce(event.id, answerBy, () => work(event, answerBy));
      console.log(`${sender.name}: ${event.about}: ${summary(outcome)}`);
      return outcome;
    });
    return answered(sender, outcomes);
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    console.warn(`${sender.name}: ${error.status} ${error.code}: ${error.message}`);
    return sender.refused(error);
  }
}

/**
 * Handles every event, also after one has failed: the sender sends all of them again, and those that are done are then
 * duplicates. A failure that a repetition can mend is the one that it is told.
 */
async function each<Event>(events: Event[], work: (event: Event) => Promise<Outcome>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < events.length; index = next++) {
      try {
        outcomes[index] = await work(events[index] as Event);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, events.length) }, worker));
  const mendable = failures.find((error) => error instanceof DeliveryError && error.retry === 'again');
  if (failures.length > 0) throw mendable ?? failures[0];
  return outcomes;
}

function answered<Document extends object>(sender: Sender<Document>, outcomes: Outcome[]): Response | object {
  if (sender.accepted) return sender.accepted(outcomes);
  const [only] = outcomes;
  return outcomes.length === 1 && only ? only : { status: 'done', outcomes };
}

function ignored(sender: { name: string }, reason: string): Outcome {
  const outcome = { status: 'ignored', reason };
  console.log(`${sender.name}: event: ${summary(outcome)}`);
  return outcome;
}

function summary({ status, reason, ...rest }: Outcome): string {
  const ids = Object.entries(rest).filter(([field]) => /_(id|key)$/.test(field));
  return [status, reason, ...ids.map(([, id]) => String(id))].filter(Boolean).join(' ');
}
