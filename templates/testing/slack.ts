// Sends what Slack sends.
import { type Bytes, hex, hmac } from './hmac';

export const SLACK_SECRET = 'patchbay-example-signing-secret';

/** The headers with which Slack sends these bytes. */
export async function slackHeaders(
  body: Bytes,
  timestamp: string | number = Math.floor(Date.now() / 1000),
  secret = SLACK_SECRET,
) {
  const digest = hex(await hmac('SHA-256', secret, `v0:${timestamp}:`, body));
  return { 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': `v0=${digest}` };
}

export async function slackRequest(body: unknown, headers: Record<string, string> = {}): Promise<Request> {
  const text = JSON.stringify(body);
  const all = { ...(await slackHeaders(text)), ...headers };
  return new Request('https://x.example/', { method: 'POST', body: text, headers: all });
}

/** An event of the Events API: a message that a person wrote, changed as the test needs it. */
export function slackMessage(event_id: string, change: object = {}) {
  const event = {
    type: 'message',
    user: 'U1',
    text: 'hello <world>',
    channel: 'C1',
    ts: '1760000001.000100',
    ...change,
  };
  return { type: 'event_callback', event_id, event };
}
