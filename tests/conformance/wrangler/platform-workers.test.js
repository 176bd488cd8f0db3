// The platform's own Workers as the unmodified wrangler bundles them, and what needs Cloudflare's bindings in them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Bench } from './bench.js';

const require = createRequire(import.meta.url);
const WORKERD = require.resolve(`@cloudflare/workerd-linux-${process.arch === 'arm64' ? 'arm64' : '64'}/bin/workerd`);

let bench;
let folder;
before(async () => {
  bench = await Bench.open();
  folder = await mkdtemp(join(tmpdir(), 'pb-platform-workers-'));
});
after(async () => {
  await bench?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Bundles one of the platform's Workers without deploying it. */
async function bundled(name) {
  const project = join(folder, name);
  await cp(new URL(`../../../templates/platform/${name}`, import.meta.url), project, { recursive: true });
  const outdir = join(folder, `${name}-bundle`);
  const result = await bench.run(['deploy', '--dry-run', '--outdir', outdir], { folder: project });
  assert.equal(result.status, 0, result.said);
  assert.deepEqual(result.calls, [], 'a dry run calls nobody');
  return { said: result.said, code: await readFile(join(outdir, 'index.js'), 'utf8') };
}

/** The one warning is about the proxy that keeps these tests off the network. */
function checkWarnings(said) {
  const warnings = said.match(/WARNING\].*/g) ?? [];
  assert.ok(
    warnings.every((line) => line.includes('Proxy environment variables')),
    said,
  );
}

test('wrangler deploys the dispatcher as it stands', async () => {
  const { said, code } = await bundled('dispatcher');
  for (const binding of ['env.ROUTING', 'env.PRODUCTION', 'env.STAGING', 'env.DEVELOPMENT', 'env.ENVIRONMENT']) {
    assert.ok(said.includes(binding), `it has ${binding}${said}`);
  }
  assert.ok(said.includes('patchbay-outbound'), `its namespaces name the outbound worker${said}`);
  checkWarnings(said);
  assert.ok(!code.includes('No decision'), 'the explanation is not deployed');
});

test('wrangler deploys the outbound worker as it stands, and its Durable Object paces in the real runtime', async () => {
  const { said, code } = await bundled('outbound');
  assert.ok(said.includes('env.PACE'), said);
  checkWarnings(said);

  const caller = `export default { async fetch(request, env) {
    const call = () => env.OUTBOUND.fetch('https://api.notion.com/v1').then(({ status }) => status);
    return Response.json(await Promise.all(Array.from({ length: 9 }, call)));
  } };`;
  const upstream = 'export default { fetch() { return new Response("from upstream"); } };';
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "outbound", worker = (compatibilityDate = "2026-06-01", modules = [(name = "o.js", esModule = embed "o.js")],
      durableObjectNamespaces = [(className = "Pace", uniqueKey = "pace", enableSql = true)], durableObjectStorage = (inMemory = void),
      bindings = [(name = "PACE", durableObjectNamespace = "Pace"), (name = "tenant", text = "customer-a"), (name = "region", text = "eu"),
        (name = "egress", json = "[\\"api.notion.com\\"]"), (name = "limits", json = "{\\"requests_per_second\\": 1}")],
      globalOutbound = "upstream")),
    (name = "upstream", worker = (compatibilityDate = "2026-06-01", modules = [(name = "u.js", esModule = embed "u.js")])),
    (name = "caller", worker = (compatibilityDate = "2026-06-01", modules = [(name = "c.js", esModule = embed "c.js")],
      bindings = [(name = "OUTBOUND", service = "outbound")])) ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "caller")] );
`;
  const files = { 'o.js': code, 'u.js': upstream, 'c.js': caller, 'config.capnp': config };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const runtime = spawn(WORKERD, ['serve', '--control-fd=3', join(folder, 'config.capnp')], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  try {
    const port = await new Promise((resolve, reject) => {
      runtime.on('error', reject).on('exit', (code) => reject(new Error(`workerd ended with ${code}`)));
      runtime.stdio[3].on('data', (data) => resolve(JSON.parse(String(data).split('\n')[0]).port));
    });
    const since = performance.now();
    const statuses = await (await fetch(`http://127.0.0.1:${port}/`)).json();
    assert.equal(statuses.filter((status) => status === 200).length, 6, `one at once, five after waiting: ${statuses}`);
    assert.equal(statuses.filter((status) => status === 429).length, 3, String(statuses));
    assert.ok(performance.now() - since > 4900, 'the last of them waited for five seconds');
  } finally {
    runtime.kill();
  }
});
