// What was done before, as far as this data centre remembers: for upstreams that know no idempotency key and cannot be asked.
// https://developers.cloudflare.com/workers/runtime-apis/cache

const CACHE = 'deliveries';

/** Whether this was remembered here. False also when the cache has made room for something else. */
export async function isRemembered(key: string): Promise<boolean> {
  const found = await withCache(key, (cache) => cache.match(requestFor(key)));
  await found?.body?.cancel();
  return found !== undefined;
}

/** Remembers it for so long. */
export async function remember(key: string, seconds: number): Promise<void> {
  const answer = new Response('done', { headers: { 'cache-control': `max-age=${seconds}` } });
  await withCache(key, (cache) => cache.put(requestFor(key), answer));
}

/** Without a cache the work is done all the same, if need be twice. */
async function withCache<T>(key: string, use: (cache: Cache) => Promise<T>): Promise<T | undefined> {
  try {
    return await use(await caches.open(CACHE));
  } catch (error) {
    console.warn(
      `cache: ${key} is neither found nor kept: ${error instanceof Error ? error.message : 'unknown error'}`,
    );
    return undefined;
  }
}

/** A cache is asked by addresses. Nobody calls this one. */
function requestFor(key: string): string {
  return `https://remembered.invalid/${encodeURIComponent(key)}`;
}
