// A Slack channel in memory, as its Web API shows it.
import { type Fault, type RecordedCall, installFetch } from './fetch';

export interface SlackMessageSeen {
  ts: string;
  channel: string;
  text: string;
  blocks: Record<string, unknown>[];
  metadata?: { event_type: string; event_payload: { event_id: string } };
}

/** Puts a Slack in the place of the network. `messages` are in the order in which they were posted. */
export function installSlack(fault: Fault = () => undefined, messages: SlackMessageSeen[] = []) {
  const post = ({ body }: RecordedCall) => {
    const ts = `${Math.floor(Date.now() / 1000)}.${String(messages.length + 1).padStart(6, '0')}`;
    messages.push({ ...(body as unknown as SlackMessageSeen), ts });
    return Response.json({ ok: true, channel: body.channel, ts, message: body });
  };
  const history = ({ url }: RecordedCall) => {
    const query = new URL(url).searchParams;
    const [oldest, latest] = [Number(query.get('oldest') ?? 0), Number(query.get('latest') ?? Infinity)];
    const inRange = messages.filter(
      ({ ts, channel }) => channel === query.get('channel') && Number(ts) > oldest && Number(ts) < latest,
    );
    const limit = Number(query.get('limit') ?? 100);
    const shown = inRange.toReversed().slice(0, limit);
    const all = query.get('include_all_metadata') === 'true' ? shown : shown.map(({ metadata: _, ...rest }) => rest);
    return Response.json({ ok: true, messages: all, has_more: inRange.length > limit });
  };
  const answer = (call: RecordedCall) => (call.url.endsWith('/chat.postMessage') ? post(call) : history(call));
  return { calls: installFetch(answer, fault), messages };
}

/** How Slack refuses: 200 with a word. */
export function slackError(error: string, more: object = {}): Response {
  return Response.json({ ok: false, error, ...more });
}
