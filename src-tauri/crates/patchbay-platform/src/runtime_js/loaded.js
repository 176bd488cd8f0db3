// Scripts that the loader runs: each in an isolate for its version, its outbound parameters and its lane.
import { decoded } from "./decoded.js";
import { notFound } from "./words.js";

/** Calls `use` with the entrypoint of a script. */
export function withScript(env, ctx, { namespace, script, version, outbound, lane }, use) {
  const caller = { namespace, script, version };
  const name = `${namespace}/${script}@${version}#${JSON.stringify(outbound)}${lane ? `~${lane}` : ""}`;
  const stub = env.LOADER.get(name, async () => {
    const answer = await env.PARENT.fetch(`http://parent/code?${new URLSearchParams(caller)}`);
    // It was deleted after the dispatcher had looked where it is.
    if (answer.status === 404) throw new Error(notFound(script));
    if (!answer.ok) throw new Error(`The platform could not hand out the script: ${await answer.text()}`);
    const { assetsBinding, ...code } = decoded(await answer.json());
    if (assetsBinding) code.env[assetsBinding] = ctx.exports.Assets({ props: caller });
    return {
      ...code,
      globalOutbound: ctx.exports.Outbound({ props: { caller, outbound, lane } }),
      tails: [ctx.exports.Tail({ props: { caller, lane } })],
    };
  });
  return use(stub.getEntrypoint());
}

/** On whose behalf an isolate runs: `{caller, outbound, lane}`. */
export function behalfOf(_env, props) {
  return props;
}

/** Requests of an isolate came to their whole end. */
export function ended() {}
