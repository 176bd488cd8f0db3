// An Airtable table in memory.
import { type Fault, installFetch } from './fetch';

interface Upsert {
  performUpsert: { fieldsToMergeOn: string[] };
  records: { fields: Record<string, unknown> }[];
}

/** Puts an Airtable in the place of the network. `records` are what its table holds. */
export function installAirtable(fault: Fault = () => undefined) {
  const records: { id: string; fields: Record<string, unknown> }[] = [];
  const upsert = ({ performUpsert, records: [given] }: Upsert) => {
    const [key = ''] = performUpsert.fieldsToMergeOn;
    const fields = given?.fields ?? {};
    const existing = records.find((record) => record.fields[key] === fields[key]);
    const record = existing ?? { id: `rec${crypto.randomUUID().replaceAll('-', '').slice(0, 14)}`, fields: {} };
    Object.assign(record.fields, fields);
    if (!existing) records.push(record);
    const ids = [record.id];
    return Response.json({
      records: [{ ...record, createdTime: '2026-11-21T08:30:00.000Z' }],
      createdRecords: existing ? [] : ids,
      updatedRecords: existing ? ids : [],
    });
  };
  const calls = installFetch(({ body }) => upsert(body as unknown as Upsert), fault);
  return { calls, records };
}

/** The error body that Airtable sends. */
export function airtableError(status: number, type: string, headers: Record<string, string> = {}): Response {
  if (status === 404) return Response.json({ error: 'NOT_FOUND' }, { status, headers });
  const body = status === 429 ? { errors: [{ error: type, message: 'Later' }] } : { error: { type, message: 'Wrong' } };
  return Response.json(body, { status, headers });
}
