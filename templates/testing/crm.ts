// HubSpot's contacts and a Salesforce org in memory.
import { type Fault, installFetch } from './fetch';

type Fields = Record<string, unknown>;

/** Puts both in the place of the network. `contacts` are what HubSpot holds, `records` what Salesforce got. */
export function installCrm(contacts: Record<string, Fields>, fault: Fault = () => undefined) {
  const records = new Map<string, Fields>();
  const tokens: string[] = [];
  const read = ({ inputs, properties }: Fields) => {
    const asked = (inputs as { id: string }[]).filter(({ id }) => contacts[id]);
    const held = (id: string) =>
      Object.fromEntries((properties as string[]).map((name) => [name, contacts[id]?.[name] ?? null]));
    return Response.json({ status: 'COMPLETE', results: asked.map(({ id }) => ({ id, properties: held(id) })) });
  };
  const upsert = (url: string, { records: given }: Fields) => {
    const key = decodeURIComponent(url.split('/').at(-1) ?? '');
    const results = (given as Fields[]).map(({ attributes: _, ...fields }) => {
      const id = String(fields[key]);
      if (typeof fields.LastName !== 'string') {
        return { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', message: 'LastName', fields: [] }] };
      }
      const created = !records.has(id);
      records.set(id, fields);
      return { id: `00Q${id}`, success: true, errors: [], created };
    });
    return Response.json(results);
  };
  const calls = installFetch(({ url, body }) => {
    if (new URL(url).host.endsWith('.hubapi.com')) return read(body);
    if (url.endsWith('/oauth2/token')) {
      tokens.push(`token-${tokens.length + 1}`);
      return Response.json({ access_token: tokens.at(-1), token_type: 'Bearer' });
    }
    return upsert(url, body);
  }, fault);
  return { calls, records, tokens };
}

/** The error body that Salesforce sends. */
export function salesforceError(status: number, errorCode: string): Response {
  return Response.json([{ message: 'Wrong', errorCode }], { status });
}

/** The error body that HubSpot sends. */
export function hubspotError(status: number, category: string): Response {
  return Response.json({ status: 'error', message: 'Wrong', category }, { status });
}
