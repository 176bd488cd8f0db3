// Upstreams in memory for the adapters' tests: `fetch` is replaced, each call is recorded. Not part of any adapter.
import { vi } from 'vitest';

export interface RecordedCall {
  method: string;
  url: string;
  headers: Headers;
  /** The JSON that was sent, or the fields of a form; `{}` for none. */
  body: Record<string, unknown>;
}

/** Answers the `number`th call, counted from 1, or leaves it to the upstream with undefined. */
export type Fault = (call: RecordedCall, number: number) => Response | Promise<Response> | undefined;

/** Puts an upstream in the place of the network. `answer` is how it behaves when nothing is wrong. */
export function installFetch(answer: (call: RecordedCall) => Response, fault: Fault = () => undefined): RecordedCall[] {
  const calls: RecordedCall[] = [];
  const serve = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const form = init.body instanceof URLSearchParams ? Object.fromEntries(init.body) : undefined;
    const body = form ?? (JSON.parse(String(init.body ?? '{}')) as Record<string, unknown>);
    const call = { method: init.method ?? 'GET', url, headers: new Headers(init.headers), body };
    calls.push(call);
    const faulty = fault(call, calls.length);
    if (faulty) return Promise.race([faulty, cancelled(init.signal)]);
    // A real call takes a moment, in which other deliveries run.
    await new Promise((resolve) => setTimeout(resolve, 2));
    return answer(call);
  };
  vi.spyOn(globalThis, 'fetch').mockImplementation((url, init) => serve(String(url), init as RequestInit));
  return calls;
}

/** A fault of one call only. */
export function atCall(number: number, answer: () => Response | Promise<Response>): Fault {
  return (_, current) => (current === number ? answer() : undefined);
}

/** Answers of an upstream after which nobody knows what it has done. */
export const UNCLEAR: [string, () => Response | Promise<Response>][] = [
  ['cut-off JSON', () => new Response('{"object":"page","id":"1', { headers: { 'content-type': 'application/json' } })],
  ['nothing', () => new Response(null, { status: 204 })],
  ['a page', () => new Response('<html>')],
  ['a reset connection', () => Promise.reject(new TypeError('connection reset'))],
];

/** Never answers; ends when the caller gives up. */
export const silence = (): Promise<Response> => new Promise(() => {});

function cancelled(signal: AbortSignal | null | undefined): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error));
  });
  // The race may be over when the signal comes.
  promise.catch(() => {});
  return promise;
}
