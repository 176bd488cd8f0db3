// A Notion in memory for the adapter's tests: `fetch` is replaced, each call is recorded. Not part of the adapter.
import { vi } from 'vitest';

export interface Call {
  method: string;
  url: string;
  headers: Headers;
  body: Record<string, unknown>;
}

/** Answers one call, or undefined to let the ordinary Notion answer. */
export type Fault = (call: Call, number: number) => Response | Promise<Response> | undefined;

/** Puts a Notion in the place of the network. */
export function installNotion(fault: Fault = () => undefined) {
  const calls: Call[] = [];
  const pages: { id: string; event: string }[] = [];
  const serve = async (url: string, init: RequestInit): Promise<Response> => {
    const body = JSON.parse(String(init.body)) as Record<string, unknown>;
    const call = { method: init.method ?? 'GET', url, headers: new Headers(init.headers), body };
    calls.push(call);
    const faulty = fault(call, calls.length);
    if (faulty) return Promise.race([faulty, cancelled(init.signal)]);
    // A real call takes a moment, in which other deliveries run.
    await new Promise((resolve) => setTimeout(resolve, 2));
    return url.endsWith('/query') ? query(body) : create(body);
  };
  const query = ({ filter }: Record<string, unknown>) => {
    const wanted = (filter as { rich_text: { equals: string } }).rich_text.equals;
    const results = pages
      .filter((page) => page.event === wanted)
      .map(({ id }) => ({ object: 'page', id, url: `https://notion.so/${id}` }));
    return Response.json({ object: 'list', results, has_more: false, next_cursor: null });
  };
  const create = ({ properties }: Record<string, unknown>) => {
    const id = crypto.randomUUID();
    const event = (properties as Record<string, { rich_text: { text: { content: string } }[] }>)['Slack event'];
    pages.push({ id, event: event?.rich_text[0]?.text.content ?? '' });
    return Response.json({ object: 'page', id, url: `https://notion.so/${id}` });
  };
  vi.spyOn(globalThis, 'fetch').mockImplementation((url, init) => serve(String(url), init as RequestInit));
  return { calls, pages };
}

function cancelled(signal: AbortSignal | null | undefined): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error));
  });
  // The race may be over when the signal comes.
  promise.catch(() => {});
  return promise;
}

/** The error body that Notion sends. */
export function notionError(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ object: 'error', status, code, message: `${code} happened` }, { status, headers });
}
