// What a message in the channel means: a new alert and its priority, or what happens to an earlier one.
import { isRecord } from './body';
import { plainText } from './slack-text';

export type Priority = 'P1' | 'P2' | 'P3';

/** Fields that the mapping reads beside those of the message; `[computed]` in adapter.toml has an example of each. */
interface About {
  /** What the message says, also where it says it in an attachment. */
  alert: string;
  /** The time stamp of the message that began the thread, which names the alert. */
  thread: string;
}

export type Alert =
  | { action: 'none'; reason: string }
  | ({ action: 'acknowledge' | 'resolve' } & About)
  | ({ action: 'trigger'; priority: Priority } & About);

/** The first line that a message matches is its priority. */
const WORDS: [Priority, RegExp][] = [
  ['P1', /\b(critical|p1|sev[- ]?1|outage|down|unreachable|data loss)\b|:(rotating_light|red_circle|fire):|[🚨🔴🔥]/iu],
  ['P2', /\b(error|errors|p2|sev[- ]?2|failed|failing|failure|timeouts?)\b|:(large_orange_circle|x):|[🟠❌]/iu],
  ['P3', /\b(warning|warn|p3|sev[- ]?3|degraded|slow|latency)\b|:(warning|large_yellow_circle):|[⚠🟡]/iu],
];
/** Who calls everybody means it. */
const CALLS_EVERYBODY = /@(channel|here|everyone)\b/;
const RESOLVED = /\b(resolved?|fixed|recovered|closed|all clear)\b|:white_check_mark:|✅/iu;
const ACKNOWLEDGED = /\b(ack(nowledged)?|on it|looking( into (it|this))?|investigating)\b|:eyes:|👀/iu;
const NOT_YET = /\b(not|isn't|isn’t|no longer|never|until|when)\b/i;

/** Reads the `event` of a Slack message whose text is plain. */
export function readAlert(event: Record<string, unknown>): Alert {
  const about = { alert: textOf(event), thread: String(event.thread_ts ?? event.ts) };
  if (event.thread_ts !== undefined && event.thread_ts !== event.ts) return readReply(about);
  if (RESOLVED.test(about.alert) && !NOT_YET.test(about.alert)) {
    return { action: 'none', reason: 'it says that something is resolved, and answers no alert' };
  }
  const priority = priorityOf(about.alert);
  if (!priority) return { action: 'none', reason: 'no word in it makes it an alert' };
  return { action: 'trigger', priority, ...about };
}

function readReply(about: About): Alert {
  // `not resolved yet` closes nothing.
  if (!NOT_YET.test(about.alert)) {
    if (RESOLVED.test(about.alert)) return { action: 'resolve', ...about };
    if (ACKNOWLEDGED.test(about.alert)) return { action: 'acknowledge', ...about };
  }
  return { action: 'none', reason: 'a reply that neither acknowledges nor resolves' };
}

/** By the words of the text, and one step higher if it calls the whole channel. */
export function priorityOf(text: string): Priority | undefined {
  const found = WORDS.find(([, words]) => words.test(text))?.[0];
  if (found && CALLS_EVERYBODY.test(text)) return found === 'P3' ? 'P2' : 'P1';
  return found;
}

/** Monitoring often writes into attachments and leaves the text empty. */
function textOf(event: Record<string, unknown>): string {
  const attachments = Array.isArray(event.attachments) ? event.attachments.filter(isRecord) : [];
  const texts = attachments.flatMap(({ title, text, fallback }) => (title || text ? [title, text] : [fallback]));
  const inAttachments = texts.filter((text) => typeof text === 'string').map((text) => plainText(text));
  return [event.text, ...inAttachments].filter(Boolean).join('\n').trim();
}
