// A Salesforce org whose contacts can be looked up, and a target for JSON, in memory.
import { type Fault, installFetch } from './fetch';

type Fields = Record<string, unknown>;

const QUERY =
  /^SELECT ([\w., ]+) FROM Contact WHERE Email = '((?:[^'\\]|\\.)*)' ORDER BY LastModifiedDate DESC LIMIT 1$/;

/**
 * Puts both in the place of the network. `contacts` are those of the org by their addresses; `queries` is what it was
 * asked, `bodies` what the target took under which key.
 */
export function installOrg(contacts: Record<string, Fields>, fault?: Fault) {
  const queries: string[] = [];
  const bodies = new Map<string, Fields>();
  const find = (query: string) => {
    queries.push(query);
    const [, fields = '', literal = ''] = QUERY.exec(query) ?? [];
    if (fields === '') return Response.json([{ errorCode: 'MALFORMED_QUERY', message: query }], { status: 400 });
    const held = contacts[literal.replace(/\\(.)/g, '$1')];
    return Response.json({ totalSize: held ? 1 : 0, done: true, records: held ? [held] : [] });
  };
  const calls = installFetch(({ url, headers, body }) => {
    if (url.endsWith('/oauth2/token')) return Response.json({ access_token: 'token-of-the-org', token_type: 'Bearer' });
    const { hostname, searchParams } = new URL(url);
    if (hostname.endsWith('.my.salesforce.com')) return find(searchParams.get('q') ?? '');
    bodies.set(headers.get('idempotency-key') ?? '', body);
    return Response.json({ id: 'made' }, { status: 201 });
  }, fault);
  return { calls, queries, bodies };
}
