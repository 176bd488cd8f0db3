// Sends webhooks to an adapter in a test and collects what it logs.
import { afterEach, beforeEach, vi } from 'vitest';

export interface Adapter<Env> {
  fetch(request: Request, env: Env): Promise<Response | object>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** The adapter's answer; a plain object is 200 and JSON, as the runtime makes it. */
export async function answerOf<Env>(adapter: Adapter<Env>, request: Request, env: Env): Promise<Answer> {
  const answer = await adapter.fetch(request, env);
  if (!(answer instanceof Response)) {
    return { status: 200, headers: new Headers(), body: answer as Record<string, unknown> };
  }
  return { status: answer.status, headers: answer.headers, body: await answer.json<Record<string, unknown>>() };
}

/** Lines that the adapter logs during each test. Call it once, at the top of the file. */
export function collectLog(): string[] {
  const logged: string[] = [];
  beforeEach(() => {
    logged.length = 0;
    for (const level of ['log', 'warn'] as const) {
      vi.spyOn(console, level).mockImplementation((line: string) => void logged.push(line));
    }
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
  return logged;
}
