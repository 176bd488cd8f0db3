// Static assets: which requests they answer, and Cloudflare's own asset worker, which answers them.
import { WorkerEntrypoint } from "cloudflare:workers";

/** Whether the assets answer a request, and not the adapter. */
export async function isForAssets(request, env, ctx, facts) {
  const { first, adapter, assets, only } = facts.assets;
  const { pathname } = new URL(request.url);
  const matches = (pattern) => pathMatches(pattern, pathname);
  if (only || assets.some(matches)) return true;
  if (first || adapter.some(matches)) return false;
  const question = new Request(request.url, { headers: request.headers, method: request.method });
  return assetWorker(env, ctx, facts).unstable_canFetch(question);
}

/** The worker for the assets of a version. What it does in a lane is reported as the delivery's. */
export function assetWorker(env, ctx, { namespace, script, version }, lane) {
  const caller = { namespace, script, version };
  const stub = env.LOADER.get(`assets:${namespace}/${script}@${version}${lane ? `~${lane}` : ""}`, async () => {
    const answer = await env.PARENT.fetch(`http://parent/assets?${new URLSearchParams(caller)}`);
    if (!answer.ok) throw new Error(`The platform could not hand out the assets: ${await answer.text()}`);
    const { worker, config, manifest } = await answer.json();
    return {
      compatibilityDate: "2024-07-31",
      compatibilityFlags: [],
      mainModule: "asset-worker.js",
      modules: { "asset-worker.js": { js: worker } },
      env: {
        CONFIG: config,
        ASSETS_MANIFEST: Uint8Array.fromBase64(manifest).buffer,
        ASSETS_KV_NAMESPACE: ctx.exports.AssetFiles({ props: caller }),
      },
      globalOutbound: null,
      tails: lane ? [ctx.exports.Tail({ props: { caller, lane } })] : [],
    };
  });
  return stub.getEntrypoint();
}

/** The binding of the type `assets`: the assets without the adapter in front of them. */
export class Assets extends WorkerEntrypoint {
  fetch(request) {
    return assetWorker(this.env, this.ctx, this.ctx.props).fetch(request);
  }
}

/** Files by their hash, with as much of a KV namespace as the asset worker uses. */
export class AssetFiles extends WorkerEntrypoint {
  async getWithMetadata(hash) {
    const query = new URLSearchParams({ ...this.ctx.props, hash });
    const answer = await this.env.PARENT.fetch(`http://parent/asset?${query}`);
    if (answer.status === 404) return { value: null, metadata: null };
    if (!answer.ok) throw new Error(`The platform could not hand out a file: ${await answer.text()}`);
    const contentType = answer.headers.get("content-type");
    return { value: answer.body, metadata: contentType === null ? null : { contentType } };
  }
}

/** Whether a path is what a pattern says, in which `*` stands for anything. */
function pathMatches(pattern, pathname) {
  const literals = pattern.split("*").map((literal) => literal.replace(/[^\w/]/g, "\\$&"));
  return new RegExp(`^${literals.join(".*")}$`).test(pathname);
}
