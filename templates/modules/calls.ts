// One call to an upstream: never longer than the sender waits, repeated only when that is safe, failures in words.
import { DeliveryError, misconfigured } from './errors';

const ATTEMPTS = 3;
const SHORTEST_WAIT_MS = 200;

/** What an upstream's module knows about its upstream. */
export interface Upstream {
  /** In messages, `Notion`; in codes, `notion_unavailable`. */
  name: string;
  /** Sent with every call, the authorization among them. */
  headers: Record<string, string>;
  /** When the sender stops waiting, in Unix milliseconds. No call and no wait goes past it. */
  answerBy: number;
  /** Code and message of its error body, without any secret. */
  said(body: unknown): string;
  /** What a person has to correct after this refusal, as a sentence without a full stop. */
  advice(status: number, said: string): string;
  /** Whether a refusal that is neither 429 nor 5xx goes away by itself. */
  passes?(status: number, said: string): boolean;
  /** How long it refuses calls after 429, where its documentation says so and the answer does not. */
  backOffSeconds?: number;
}

export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  url: string;
  /** Sent as JSON, or as a form. */
  body?: object;
  /** For this call only. */
  headers?: Record<string, string>;
  /** Whether doing it twice changes nothing more: it reads, or carries an idempotency key. */
  repeatable: boolean;
}

/** The JSON object that the upstream answers. */
export async function call(upstream: Upstream, request: Call): Promise<Record<string, unknown>> {
  const response = await send(upstream, request);
  try {
    const answer: unknown = await response.json();
    if (typeof answer === 'object' && answer !== null) return answer as Record<string, unknown>;
  } catch {
    // Cut off, empty or not JSON: what was done is not known.
  }
  throw unavailable(upstream, `${upstream.name} answered ${response.status} with something that is not JSON`);
}

/** The upstream's answer of 2xx; everything else is an error that says what it means for the delivery. */
export async function send(upstream: Upstream, request: Call): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await sendOnce(upstream, request);
    if (response.ok) return response;
    const problem = await problemOf(upstream, response);
    // A write that failed with another 5xx may have been done all the same.
    const isUntouched = response.status === 429 || response.status === 529;
    const wait = Math.max(SHORTEST_WAIT_MS, 1000 * (problem.retryAfterSeconds ?? 1));
    const isOver = attempt === ATTEMPTS || Date.now() + wait >= upstream.answerBy;
    if (problem.retry === 'never' || !(isUntouched || (request.repeatable && attempt === 1)) || isOver) throw problem;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function sendOnce(upstream: Upstream, { method, url, body, headers }: Call): Promise<Response> {
  const remaining = upstream.answerBy - Date.now();
  if (remaining <= 0) throw unavailable(upstream, `${upstream.name} did not answer in time`);
  const isJson = body !== undefined && !(body instanceof URLSearchParams);
  try {
    return await fetch(url, {
      method,
      headers: { ...(isJson && { 'content-type': 'application/json' }), ...upstream.headers, ...headers },
      body: isJson ? JSON.stringify(body) : body,
      // A redirect would carry the authorization to another host.
      redirect: 'manual',
      signal: AbortSignal.timeout(remaining),
    });
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    throw unavailable(upstream, `${upstream.name} ${late ? 'did not answer in time' : 'could not be reached'}`);
  }
}

async function problemOf(upstream: Upstream, response: Response): Promise<DeliveryError> {
  const { status } = response;
  const body = await errorBody(response);
  // The outbound worker marks what it refuses to send.
  const isRefused = response.headers.has('x-patchbay-refused');
  const said = isRefused ? String((body as { message?: unknown } | null)?.message ?? '') : upstream.said(body);
  const sentence = `${upstream.name} answered ${status}${said && ` ${said}`}`;
  if (status === 429) return unavailable(upstream, sentence, retryAfter(response) ?? upstream.backOffSeconds);
  if (status >= 500) return unavailable(upstream, sentence, retryAfter(response));
  if (isRefused) return misconfigured(`The call to ${upstream.name} was refused: ${said}`);
  if (upstream.passes?.(status, said)) return unavailable(upstream, sentence, retryAfter(response) ?? 1);
  return misconfigured(`${sentence}. ${upstream.advice(status, said)}`);
}

async function errorBody(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function retryAfter(response: Response): number | undefined {
  return retryAfterSeconds(response.headers.get('retry-after'));
}

/** Whole seconds or an HTTP date; anything else counts as absent. */
export function retryAfterSeconds(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  // `Date.parse` would make a date of nearly anything.
  const date = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}

/** The upstream does not do what was asked now; the same delivery may succeed later. */
export function unavailable(upstream: Upstream, message: string, afterSeconds?: number): DeliveryError {
  const code = `${upstream.name.toLowerCase().replaceAll(' ', '_')}_unavailable`;
  return new DeliveryError(503, code, message, 'again', afterSeconds);
}
