// Airtable's records in a table. https://airtable.com/developers/web/api/update-multiple-records
import { isRecord } from './body';
import { type Upstream, call, unavailable } from './calls';
import { setting } from './errors';

const API = 'https://api.airtable.com/v0';

export interface Airtable extends Upstream {
  baseId: string;
  tableId: string;
}

export interface SavedRecord {
  id: string;
  /** Where a person sees it. */
  url: string;
  /** False if it was there already. */
  isNew: boolean;
}

/**
 * The bindings AIRTABLE_TOKEN, AIRTABLE_BASE_ID and AIRTABLE_TABLE_ID, and when the sender stops waiting, in Unix
 * milliseconds.
 */
export function airtable(
  token: string | undefined,
  baseId: string | undefined,
  tableId: string | undefined,
  answerBy: number,
): Airtable {
  return {
    name: 'Airtable',
    headers: { authorization: `Bearer ${setting('AIRTABLE_TOKEN', token)}` },
    answerBy,
    said,
    advice(status) {
      if (status === 401) return 'Check AIRTABLE_TOKEN';
      if (status === 403 || status === 404) {
        return 'Check AIRTABLE_BASE_ID and AIRTABLE_TABLE_ID, and give the token access to the base';
      }
      return 'Compare [mapping] in adapter.toml with the fields of the table';
    },
    // Five calls a second to a base; the sixth closes it for 30 seconds, and no answer says so.
    backOffSeconds: 30,
    baseId: setting('AIRTABLE_BASE_ID', baseId),
    tableId: setting('AIRTABLE_TABLE_ID', tableId),
  };
}

/**
 * Writes the record whose field `mergeOn` has the same value as here, or makes one. Doing it twice leaves one record,
 * so it may be repeated.
 */
export async function upsertRecord(
  table: Airtable,
  mergeOn: string,
  fields: Record<string, unknown>,
): Promise<SavedRecord> {
  const url = `${API}/${encodeURIComponent(table.baseId)}/${encodeURIComponent(table.tableId)}`;
  // `typecast` makes options of a select field that are not there yet.
  const body = { performUpsert: { fieldsToMergeOn: [mergeOn] }, records: [{ fields }], typecast: true };
  const answer = await call(table, { method: 'PATCH', url, body, repeatable: true });
  const [record] = Array.isArray(answer.records) ? (answer.records as unknown[]) : [];
  if (!isRecord(record) || typeof record.id !== 'string') {
    throw unavailable(table, 'Airtable answered without a record id');
  }
  const { id } = record;
  const isNew = Array.isArray(answer.createdRecords) && answer.createdRecords.includes(id);
  return { id, url: `https://airtable.com/${table.baseId}/${table.tableId}/${id}`, isNew };
}

/** `{"error":{"type","message"}}`, `{"error":"NOT_FOUND"}`, or `{"errors":[{"error","message"}]}` with 429. */
function said(body: unknown): string {
  if (!isRecord(body)) return '';
  const error: unknown = Array.isArray(body.errors) ? body.errors[0] : body.error;
  const texts = isRecord(error) ? [error.type ?? error.error, error.message] : [error];
  return texts
    .filter((text) => typeof text === 'string')
    .join(': ')
    .slice(0, 300);
}
