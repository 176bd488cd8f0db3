// What the dispatcher answers itself, and what it checks and adds where a rule or the table asks for it.
import { type Route, ruleName } from './routes';
import type { Fallback, RouteTable } from './table';

class Late extends Error {}
class NotJson extends Error {}

export interface Failure {
  status: number;
  body: object;
}

export function json(status: number, body: unknown, headers?: Record<string, string>): Response {
  return Response.json(body, { status, headers });
}

export function notFound(table: RouteTable, url: URL): Response {
  const message = `No worker found for ${url.host}${url.pathname}`;
  return json(404, { error: 'Service not found', message, available_services: availableServices(table) });
}

function availableServices(table: RouteTable): string[] {
  const named = table.rules.flatMap((rule) => {
    if (rule.match === 'subdomain') return rule.services;
    return 'service' in rule && rule.service ? [rule.service] : [];
  });
  return table.available_services ?? [...new Set(named)];
}

/** Writes one line to the log and says what to answer. */
export function reportFailure(error: unknown, environment: string, table: RouteTable, route: Route): Failure {
  const failure = failureOf(error, environment, table, route);
  const { script, tenant, rule } = route;
  const context = { event: 'dispatch_failed', script, tenant, rule: ruleName(rule), environment };
  console.error(JSON.stringify({ ...context, ...failure }));
  return failure;
}

function failureOf(error: unknown, environment: string, table: RouteTable, { script, rule }: Route): Failure {
  // These words are only matched, never repeated: an exception's message may hold what the script was working on.
  // The author finds it in the script's tail.
  const words = error instanceof Error ? error.message : '';
  if (words.startsWith('Worker not found')) {
    const message = `Worker "${script}" not found in ${environment} namespace`;
    const hint = table.not_deployed_hint ?? 'Publish the adapter to this environment, then send the request again.';
    return { status: 404, body: { error: 'Service not deployed', message, hint } };
  }
  if (/CPU (time )?limit/i.test(words)) return { status: 503, body: { error: 'Worker exceeded CPU limit' } };
  if (/memory limit/i.test(words)) return { status: 503, body: { error: 'Worker exceeded memory limit' } };
  if (error instanceof Late) {
    const message = `Worker "${script}" did not answer within ${rule.timeout_ms} ms`;
    return { status: 504, body: { error: 'Gateway timeout', message } };
  }
  if (error instanceof NotJson) {
    return { status: 502, body: { error: 'Invalid answer', message: `Worker "${script}" did not answer JSON` } };
  }
  return { status: 500, body: { error: 'Internal server error', message: `Worker "${script}" threw an exception` } };
}

export function fallbackFor({ brand = 'Patchbay' }: RouteTable, { service }: Route, fallback: Fallback): Response {
  const headers = { [`X-${brand}-Fallback`]: 'true', [`X-${brand}-Worker`]: service };
  return json(fallback.status ?? 200, fallback.body, headers);
}

/** Runs the work, cancels it when it takes longer. */
export async function within<T>(limit: number | undefined, work: (signal?: AbortSignal) => Promise<T>): Promise<T> {
  if (!limit) return work();
  const controller = new AbortController();
  let timer: number | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // First the verdict, so that the cancelled work's own error cannot win the race.
      reject(new Late());
      controller.abort();
    }, limit);
  });
  return Promise.race([work(controller.signal), late]).finally(() => clearTimeout(timer));
}

/** Longest body that is looked at, in bytes: it is held in memory, beside those of other requests. */
const LONGEST_JSON = 8 << 20;

/** Passes JSON on, whatever it says it is, and refuses everything else that has a body. */
export async function onlyJson(answer: Response): Promise<Response> {
  if (answer.body === null) return answer;
  if (/\bhtml\b/i.test(answer.headers.get('content-type') ?? '')) {
    await answer.body.cancel();
    throw new NotJson();
  }
  const bytes = await readAtMost(answer.body, LONGEST_JSON);
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new NotJson();
  }
  const passed = new Response(bytes, answer);
  const isCalledJson = /[/+]json\b/i.test(answer.headers.get('content-type') ?? '');
  if (!isCalledJson) passed.headers.set('content-type', 'application/json');
  return passed;
}

async function readAtMost(body: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    // Leaving the loop cancels what is still to come.
    if (size > most) throw new NotJson();
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

export function withMetadata(answer: Response, table: RouteTable, url: URL, route: Route | null): Response {
  // The answer to a WebSocket upgrade goes on as it is: a copy would not carry the socket.
  if (answer.status === 101) return answer;
  const brand = table.brand ?? 'Patchbay';
  const marked = new Response(answer.body, answer);
  marked.headers.set(`X-${brand}-Dispatch`, 'dynamic');
  if (route) {
    marked.headers.set(`X-${brand}-Worker`, route.service);
    marked.headers.set(`X-${brand}-Path`, route.path ?? url.pathname);
  }
  return marked;
}
