// Sends what an outgoing webhook of Teams sends.
import { type Bytes, base64, hmac } from './hmac';

const KEY = 'patchbay-example-signing-key-123';
/** As Teams shows it. */
export const TEAMS_TOKEN = btoa(KEY);

/** The header with which Teams sends these bytes. */
export async function teamsHeaders(body: Bytes, key: Bytes = KEY) {
  return { authorization: `HMAC ${base64(await hmac('SHA-256', key, body))}` };
}

export async function teamsRequest(body: unknown, headers: Record<string, string> = {}): Promise<Request> {
  const text = JSON.stringify(body);
  const all = { ...(await teamsHeaders(text)), ...headers };
  return new Request('https://x.example/', { method: 'POST', body: text, headers: all });
}

/** A message that mentions the webhook `Logbook`, changed as the test needs it. */
export function teamsMessage(id: string, change: object = {}) {
  return {
    type: 'message',
    id,
    timestamp: '2026-11-21T08:30:00.123Z',
    from: { id: '29:1example-user', name: 'Kim Example' },
    conversation: { id: `19:example@thread.tacv2;messageid=${id}`, name: 'Operations' },
    recipient: { id: '28:00000000-0000-4000-8000-000000000212', name: 'Logbook' },
    text: '<at>Logbook</at>&nbsp;pump 3 leaks severity=high\n',
    ...change,
  };
}
