// A second main module over the dispatcher's own decision: `patchbay route test` asks it. Never deployed.
import { json } from './answers';
import type { Env } from './index';
import { type Place, place } from './place';
import { type Route, decide, ruleName } from './routes';
import { readKey, readTable } from './routing';
import { ConfigurationError } from './table';

interface Question {
  url: string;
  headers?: [string, string][] | Record<string, string>;
  /** Instead of the dispatcher's own. */
  environment?: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    try {
      const { url, headers, environment = env.ENVIRONMENT } = await readQuestion(request);
      const table = await readTable(env.ROUTING);
      const { route, verdicts } = await decide(table, url, headers, (key) => readKey(env.ROUTING, key));
      const first = verdicts.at(-1)?.rule;
      const untried = table.rules.slice(verdicts.length).map((rule) => {
        return { rule: ruleName(rule), matched: false, reason: `Not tried, because ${first} comes first and matched` };
      });
      const { placed, problem } = await placeOf({ ...env, ENVIRONMENT: environment }, route);
      return json(200, {
        matched: route !== null,
        service: route?.service ?? null,
        script: route?.script ?? null,
        tenant: route?.tenant ?? null,
        adapter: route?.adapter ?? null,
        environment: environment ?? null,
        region: placed?.settings.region ?? null,
        binding: placed?.binding ?? null,
        namespace: placed ? namespaceOf(env, placed.binding) : null,
        path: route ? (route.path ?? url.pathname) : null,
        problem,
        notes: route && placed ? notesOn(route, placed) : [],
        rules: [...verdicts, ...untried],
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : 'The question could not be answered';
      return json(error instanceof QuestionError ? 400 : 500, { error: 'No decision', message });
    }
  },
};

/** Where it would go, or why it would go nowhere although a rule matches. */
async function placeOf(env: Env, route: Route | null): Promise<{ placed: Place | null; problem: string | null }> {
  if (!route) return { placed: null, problem: null };
  try {
    const placed = await place(env, route);
    if (placed.owner === route.tenant) return { placed, problem: null };
    const problem = `The script ${route.script} belongs to the tenant ${placed.owner}; ${route.tenant} is not a tenant`;
    return { placed, problem: `${problem}, so the answer is 404 Service not deployed` };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { placed: null, problem: error.message };
  }
}

/** Explaining sends nothing on, so here a binding may be no more than the name of the namespace that it stands for. */
function namespaceOf(env: Env, binding: string): string | null {
  const bound = env[binding];
  return typeof bound === 'string' ? bound : null;
}

function notesOn({ tenant }: Route, { settings: { region }, binding, isKnown }: Place): string[] {
  const notes = [];
  if (tenant && !isKnown) notes.push(`The tenant ${tenant} has no settings, so its adapters may call nobody`);
  if (region && !binding.endsWith(`_${region.toUpperCase().replaceAll('-', '_')}`)) {
    notes.push(
      `The region ${region} of ${tenant} has no namespace of its own in this environment; ${binding} serves it`,
    );
  }
  return notes;
}

class QuestionError extends Error {}

async function readQuestion(request: Request): Promise<{ url: URL; headers: Headers; environment?: string }> {
  if (request.method !== 'POST') throw new QuestionError('Send POST with {"url", "headers"}');
  try {
    const question = await request.json<Question>();
    return { url: new URL(question.url), headers: new Headers(question.headers), environment: question.environment };
  } catch (error) {
    throw new QuestionError(`Not a URL with headers: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}
