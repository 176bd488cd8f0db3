// Notion's pages in a data source (table). https://developers.notion.com/reference
import { isRecord } from './body';
import { type Upstream, call, unavailable } from './calls';
import { setting } from './errors';

const API = 'https://api.notion.com/v1';

export interface Notion extends Upstream {
  dataSourceId: string;
}

export interface Page {
  id: string;
  url: string;
}

/** The bindings NOTION_TOKEN and NOTION_DATA_SOURCE_ID, and when the sender stops waiting, in Unix milliseconds. */
export function notion(token: string | undefined, dataSourceId: string | undefined, answerBy: number): Notion {
  return {
    name: 'Notion',
    headers: { authorization: `Bearer ${setting('NOTION_TOKEN', token)}`, 'notion-version': '2025-09-03' },
    answerBy,
    said: (body) => (isRecord(body) ? [body.code, body.message].filter(Boolean).join(': ') : ''),
    advice(status) {
      if (status === 401) return 'Check NOTION_TOKEN';
      if (status === 403 || status === 404) {
        return 'Share the table with the integration and check NOTION_DATA_SOURCE_ID';
      }
      return 'Compare [mapping] in adapter.toml with the columns of the table';
    },
    // `conflict_error`: another change of the table was under way.
    passes: (status) => status === 409,
    dataSourceId: setting('NOTION_DATA_SOURCE_ID', dataSourceId),
  };
}

/** The page whose text column holds this value, if there is one. */
export async function findPage(notion: Notion, column: string, value: string): Promise<Page | null> {
  const filter = { property: column, rich_text: { equals: value } };
  const url = `${API}/data_sources/${encodeURIComponent(notion.dataSourceId)}/query`;
  const found = await call(notion, { method: 'POST', url, body: { filter, page_size: 1 }, repeatable: true });
  const [first] = Array.isArray(found.results) ? found.results : [];
  return first ? page(notion, first) : null;
}

/** Not repeated blindly: Notion has no idempotency key. */
export async function createPage(notion: Notion, properties: Record<string, object>): Promise<Page> {
  const parent = { type: 'data_source_id', data_source_id: notion.dataSourceId };
  const body = { parent, properties };
  return page(notion, await call(notion, { method: 'POST', url: `${API}/pages`, body, repeatable: false }));
}

function page(notion: Notion, { id, url }: Record<string, unknown>): Page {
  if (typeof id !== 'string') throw unavailable(notion, 'Notion answered without a page id');
  return { id, url: typeof url === 'string' ? url : '' };
}
