// A Slack message becomes a page in a Notion table.
import type { Env } from './env';
import { DeliveryError, misconfigured } from './errors';
import { onlyOnce } from './once';
import { eventColumn, pageProperties } from './properties';
import { type SlackMessage, readDelivery } from './slack';

/** Slack waits three seconds; the rest is for the way back. */
const ANSWER_WITHIN_MS = 2500;

export default {
  async fetch(request: Request, env: Env): Promise<Response | object> {
    const answerBy = Date.now() + ANSWER_WITHIN_MS;
    try {
      const delivery = await readDelivery(request, env.SLACK_SIGNING_SECRET);
      if (delivery.kind === 'handshake') return { challenge: delivery.challenge };
      if (delivery.kind === 'ignored') return report({ status: 'ignored', reason: delivery.reason });
      const { message } = delivery;
      return report(await onlyOnce(message.event_id, answerBy, () => write(message, env, answerBy)), message, request);
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      console.warn(`slack: ${error.status} ${error.code}: ${error.message}`);
      return error.toResponse();
    }
  },
};

/** Looks for the page first: Slack sends an event again when it saw no answer, and Notion has no idempotency key. */
async function write(message: SlackMessage, env: Env, answerBy: number): Promise<Outcome> {
  if (!env.NOTION_TOKEN) throw misconfigured('NOTION_TOKEN is not set');
  if (!env.NOTION_DATA_SOURCE_ID) throw misconfigured('NOTION_DATA_SOURCE_ID is not set');
  if (!env.MAPPING) throw misconfigured('MAPPING is not set; adapter.toml needs a [mapping]');
  const notion: Notion = { token: env.NOTION_TOKEN, dataSourceId: env.NOTION_DATA_SOURCE_ID, answerBy };
  const properties = pageProperties(env.MAPPING, message);
  const existing = await findPage(notion, eventColumn(env.MAPPING), message.event_id);
  if (existing) return { status: 'duplicate', page_id: existing.id, page_url: existing.url };
  const created = await createPage(notion, properties);
  return { status: 'created', page_id: created.id, page_url: created.url };
}

type Outcome = { status: string; reason?: string; page_id?: string; page_url?: string };

/** One line per delivery: ids, never the text of a message. */
function report(outcome: Outcome, message?: SlackMessage, request?: Request): Outcome {
  const retry = request?.headers.get('x-slack-retry-num');
  const what = message ? `${message.event_id} in ${String(message.event.channel)}` : 'event';
  console.log(
    `slack: ${what}${retry ? ` (retry ${retry})` : ''}: ${outcome.status} ${outcome.page_id ?? outcome.reason}`,
  );
  return outcome;
}

// The two calls to Notion that this adapter makes. https://developers.notion.com/reference

const API = 'https://api.notion.com/v1';
const VERSION = '2025-09-03';
const ATTEMPTS = 3;
const SHORTEST_WAIT_MS = 200;

interface Notion {
  token: string;
  dataSourceId: string;
  /** When the sender stops waiting, in milliseconds since the epoch. No call and no wait goes past it. */
  answerBy: number;
}

interface Page {
  id: string;
  url: string;
}

/** The page whose text column holds this value, if there is one. */
async function findPage(notion: Notion, column: string, value: string): Promise<Page | null> {
  const filter = { property: column, rich_text: { equals: value } };
  const path = `/data_sources/${encodeURIComponent(notion.dataSourceId)}/query`;
  const found = await call(notion, path, { filter, page_size: 1 }, 'read');
  const [first] = Array.isArray(found.results) ? found.results : [];
  return first ? page(first) : null;
}

async function createPage(notion: Notion, properties: Record<string, object>): Promise<Page> {
  const parent = { type: 'data_source_id', data_source_id: notion.dataSourceId };
  return page(await call(notion, '/pages', { parent, properties }, 'write'));
}

async function call(
  notion: Notion,
  path: string,
  body: object,
  access: 'read' | 'write',
): Promise<Record<string, unknown>> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await send(notion, path, body);
    if (response.ok) return readAnswer(response);
    const problem = await problemOf(response);
    // A write that failed with 5xx may have been done all the same: the sender's retry looks for the page first.
    const repeatable = response.status === 429 || response.status === 529 || (access === 'read' && attempt === 1);
    const wait = Math.max(SHORTEST_WAIT_MS, 1000 * (problem.retryAfterSeconds ?? 1));
    const isOver = attempt === ATTEMPTS || Date.now() + wait >= notion.answerBy;
    if (problem.retry === 'never' || !repeatable || isOver) throw problem;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function send(notion: Notion, path: string, body: object): Promise<Response> {
  const remaining = notion.answerBy - Date.now();
  if (remaining <= 0) throw unavailable('Notion did not answer in time');
  try {
    return await fetch(`${API}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${notion.token}`,
        'notion-version': VERSION,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
      // A redirect would carry the token to another host.
      redirect: 'manual',
      signal: AbortSignal.timeout(remaining),
    });
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    throw unavailable(late ? 'Notion did not answer in time' : 'Notion could not be reached');
  }
}

async function readAnswer(response: Response): Promise<Record<string, unknown>> {
  try {
    const answer: unknown = await response.json();
    if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>;
  } catch {
    // Cut off, empty or not JSON: what was done is not known.
  }
  throw unavailable(`Notion answered ${response.status} with something that is not JSON`);
}

/** What a failed call means for the delivery. */
async function problemOf(response: Response): Promise<DeliveryError> {
  const { code, message } = await errorBody(response);
  const said = `Notion answered ${response.status}${code && ` ${code}`}${message && `: ${message}`}`;
  const { status } = response;
  if (status === 429 || status >= 500) return unavailable(said, retryAfter(response.headers.get('retry-after')));
  // The outbound worker marks what it refuses to send.
  if (response.headers.has('x-patchbay-refused')) return misconfigured(`The call to Notion was refused: ${message}`);
  if (status === 401) return misconfigured(`${said}. Check NOTION_TOKEN`);
  if (status === 403 || status === 404) {
    return misconfigured(`${said}. Share the table with the integration and check NOTION_DATA_SOURCE_ID`);
  }
  if (status === 409) return unavailable(said, 1);
  return misconfigured(`${said}. Compare [mapping] in adapter.toml with the columns of the table`);
}

async function errorBody(response: Response): Promise<{ code: string; message: string }> {
  try {
    const { code, message } = await response.json<{ code?: unknown; message?: unknown }>();
    return { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message : '' };
  } catch {
    return { code: '', message: '' };
  }
}

/** Whole seconds or an HTTP date; anything else counts as absent. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  // `Date.parse` would make a date of nearly anything.
  const date = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}

function page({ id, url }: Record<string, unknown>): Page {
  if (typeof id !== 'string') throw unavailable('Notion answered without a page id');
  return { id, url: typeof url === 'string' ? url : '' };
}

function unavailable(message: string, retryAfterSeconds?: number): DeliveryError {
  return new DeliveryError(503, 'notion_unavailable', message, 'again', retryAfterSeconds);
}
