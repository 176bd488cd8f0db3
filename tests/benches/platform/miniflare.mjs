// The adapter behind a worker with a static service binding, in miniflare: the nearest that the ecosystem offers to a
// local dispatch namespace. Prints its address when it is ready.
import { readFileSync } from 'node:fs';
import { Miniflare, convertV4MiniflareOptions } from 'miniflare';

const adapter = readFileSync(process.argv[2], 'utf8');
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    host: '127.0.0.1',
    port: 0,
    workers: [
      {
        name: 'dispatcher',
        modules: true,
        compatibilityDate: '2026-06-01',
        script: 'export default { fetch(request, env) { return env.ADAPTER.fetch(request); } };',
        serviceBindings: { ADAPTER: 'adapter' },
      },
      { name: 'adapter', modules: true, compatibilityDate: '2026-06-01', script: adapter },
    ],
  }),
);
console.log(String(await miniflare.ready));
