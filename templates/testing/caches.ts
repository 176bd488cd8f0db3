// The Cache API in memory, with the ages that answers name.
import { vi } from 'vitest';

/** Puts caches in the place of the runtime's; the answer is what they keep, by address. `fail` makes them unusable. */
export function installCaches({ fail = false } = {}): Map<string, number> {
  const kept = new Map<string, number>();
  const cache = {
    match: (url: string) => Promise.resolve((kept.get(url) ?? 0) > Date.now() ? new Response('kept') : undefined),
    put: (url: string, answer: Response) => {
      const [, seconds = '0'] = /max-age=(\d+)/.exec(answer.headers.get('cache-control') ?? '') ?? [];
      kept.set(url, Date.now() + 1000 * Number(seconds));
      return Promise.resolve();
    },
  };
  const open = () => (fail ? Promise.reject(new Error('no cache here')) : Promise.resolve(cache));
  vi.stubGlobal('caches', { open });
  return kept;
}
