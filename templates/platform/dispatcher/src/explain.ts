// A second main module over the dispatcher's own decision: `patchbay route test` asks it. Never deployed.
import { type Env, place, readKey, readTable } from './index';
import { decide, ruleName } from './routes';
import { json } from './answers';

interface Question {
  url: string;
  headers?: [string, string][] | Record<string, string>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    try {
      const { url, headers } = await readQuestion(request);
      const table = await readTable(env);
      const { route, verdicts } = await decide(table, url, headers, (key) => readKey(env, key));
      const placed = route && (await place(env, route));
      const first = verdicts.at(-1)?.rule;
      const untried = table.rules.slice(verdicts.length).map((rule) => {
        return { rule: ruleName(rule), matched: false, reason: `Not tried, because ${first} comes first and matched` };
      });
      return json(200, {
        matched: route !== null,
        service: route?.service ?? null,
        script: route?.script ?? null,
        tenant: route?.tenant ?? null,
        adapter: route?.adapter ?? null,
        environment: env.ENVIRONMENT ?? null,
        region: placed?.settings.region ?? null,
        binding: placed?.binding ?? null,
        path: route ? (route.path ?? url.pathname) : null,
        rules: [...verdicts, ...untried],
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : 'The question could not be answered';
      return json(error instanceof QuestionError ? 400 : 500, { error: 'No decision', message });
    }
  },
};

class QuestionError extends Error {}

async function readQuestion(request: Request): Promise<{ url: URL; headers: Headers }> {
  if (request.method !== 'POST') throw new QuestionError('Send POST with {"url", "headers"}');
  try {
    const question = await request.json<Question>();
    return { url: new URL(question.url), headers: new Headers(question.headers) };
  } catch (error) {
    throw new QuestionError(`Not a URL with headers: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}
