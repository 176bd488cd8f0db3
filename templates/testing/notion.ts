// A Notion table in memory.
import { type Fault, installFetch } from './fetch';

/** Puts a Notion in the place of the network; pages are told apart by the text column with this name. */
export function installNotion(fault: Fault = () => undefined, column = 'Slack event') {
  const pages: { id: string; event: string }[] = [];
  const query = ({ filter }: Record<string, unknown>) => {
    const wanted = (filter as { rich_text: { equals: string } }).rich_text.equals;
    const results = pages
      .filter((page) => page.event === wanted)
      .map(({ id }) => ({ object: 'page', id, url: `https://notion.so/${id}` }));
    return Response.json({ object: 'list', results, has_more: false, next_cursor: null });
  };
  const create = ({ properties }: Record<string, unknown>) => {
    const id = crypto.randomUUID();
    const event = (properties as Record<string, { rich_text: { text: { content: string } }[] }>)[column];
    pages.push({ id, event: event?.rich_text[0]?.text.content ?? '' });
    return Response.json({ object: 'page', id, url: `https://notion.so/${id}` });
  };
  const calls = installFetch(({ url, body }) => (url.endsWith('/query') ? query(body) : create(body)), fault);
  return { calls, pages };
}

/** The error body that Notion sends. */
export function notionError(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ object: 'error', status, code, message: `${code} happened` }, { status, headers });
}
