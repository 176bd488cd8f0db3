// GitHub's webhooks: is this request from GitHub, and what happened where?
// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
import { invalidBody, isRecord, parseJson, readBody, textOf } from './body';
import type { Delivery, Sender } from './deliveries';
import { setting } from './errors';
import { fromHex, invalidSignature, isHmac } from './signature';

const MEBIBYTE = 1024 * 1024;
/** GitHub sends up to 25 MiB. Pushes with thousands of commits have two or three; more would not fit into the memory. */
const LARGEST_BODY = 8 * MEBIBYTE;
const EXPECTED = 'JSON, or a form with JSON in its field payload';

export interface GitHubEvent {
  /** What GitHub calls the event, with its action if it has one: `push`, `issues.opened`. */
  github_event: string;
  [field: string]: unknown;
}

/** Events of a repository, an organisation or an app. `webhookSecret` is the binding GITHUB_WEBHOOK_SECRET. */
export function githubEvents(webhookSecret: string | undefined): Sender<GitHubEvent> {
  return {
    name: 'github',
    // GitHub waits ten seconds.
    answerWithinMs: 9000,
    async read(request) {
      const bytes = await readBody('GitHub', request, LARGEST_BODY);
      await verify(bytes, request.headers, webhookSecret);
      return classify(payload(bytes), request.headers);
    },
    // GitHub never sends again by itself. What is not 2xx it shows as failed, so that a person can send it again.
    refused: (error) => error.toResponse(),
  };
}

export async function verify(bytes: Uint8Array, headers: Headers, webhookSecret: string | undefined): Promise<void> {
  const secret = setting('GITHUB_WEBHOOK_SECRET', webhookSecret);
  const header = headers.get('x-hub-signature-256');
  if (header === null) {
    // Without a secret GitHub signs nothing; the header X-Hub-Signature alone has SHA-1, which is not taken.
    throw invalidSignature('The header X-Hub-Signature-256 is missing; the webhook needs a secret');
  }
  const [, digest = ''] = /^sha256=([0-9a-f]{64})$/.exec(header) ?? [];
  const signature = fromHex(digest);
  if (!signature || !(await isHmac('SHA-256', secret, signature, bytes))) {
    throw invalidSignature('The signature in X-Hub-Signature-256 does not match this body');
  }
}

/** The content type is chosen for each webhook; told apart by the text, because the header is not signed. */
function payload(bytes: Uint8Array): Record<string, unknown> {
  const text = textOf(bytes, EXPECTED);
  const body = parseJson(
    text.startsWith('payload=') ? (new URLSearchParams(text).get('payload') ?? '') : text,
    EXPECTED,
  );
  if (!isRecord(body)) throw invalidBody('The body is not a JSON object');
  return body;
}

function classify(body: Record<string, unknown>, headers: Headers): Delivery<GitHubEvent> {
  const name = headers.get('x-github-event') ?? '';
  const id = headers.get('x-github-delivery') ?? '';
  if (name === 'ping') return { kind: 'handshake', answer: { status: 'pong' } };
  if (!/^[a-z_]{1,60}$/.test(name) || !/^[\w-]{1,60}$/.test(id)) {
    throw invalidBody('The headers X-GitHub-Event and X-GitHub-Delivery are not both there');
  }
  const action = typeof body.action === 'string' ? `.${body.action.slice(0, 60)}` : '';
  const github_event = `${name}${action}`;
  return { kind: 'events', events: [{ id, document: { ...body, github_event }, about: `${id} ${github_event}` }] };
}
