// A namespace and a ROUTING store for the dispatcher's tests. Not part of the Worker.
import { vi } from 'vitest';
import type { Env } from '../src/index';
import type { Routing } from '../src/routing';

export type Script = (request: Request) => Response | Promise<Response>;

export interface Dispatched {
  binding: string;
  script: string;
  options: unknown;
}

/** An `env` with these scripts in each namespace; `dispatched` lists what was asked for. */
export function environmentOf(
  routing: Record<string, unknown>,
  scripts: Record<string, Script> = {},
  { environment = 'production' as string | null, bindings = ['PRODUCTION', 'STAGING', 'DEVELOPMENT'] } = {},
) {
  const dispatched: Dispatched[] = [];
  const namespace = (binding: string) => ({
    get(script: string, _: object, options: unknown) {
      dispatched.push({ binding, script, options });
      const serve = scripts[script];
      return {
        async fetch(request: Request) {
          // As on Cloudflare: what is missing is only noticed here.
          if (!serve) throw new Error(`Worker not found: ${script}`);
          return serve(request);
        },
      };
    },
  });
  const env: Env = {
    ENVIRONMENT: environment ?? undefined,
    ROUTING: routingOf(routing),
    ...Object.fromEntries(bindings.map((binding) => [binding, namespace(binding)])),
  };
  return { env, dispatched };
}

/** A KV namespace with these values. */
export function routingOf(values: Record<string, unknown>): Routing {
  const texts = new Map(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]));
  async function get(key: string, type: 'text'): Promise<string | null>;
  async function get(key: string, type: 'json'): Promise<unknown>;
  async function get(key: string, type: 'text' | 'json'): Promise<unknown> {
    const text = texts.get(key) ?? null;
    return text !== null && type === 'json' ? JSON.parse(text) : text;
  }
  return { get };
}

/** The lines that were written to console.error during a test. */
export function errorLines(): string[] {
  const lines: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  return lines;
}
