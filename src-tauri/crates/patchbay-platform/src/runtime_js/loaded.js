// Scripts that the loader runs: each in an isolate for its version, its outbound parameters and its lane.
import CACHES from "caches.txt";
import FIRST from "first.txt";
import { decoded } from "./decoded.js";
import { end, loaded, loading } from "./requests.js";
import { notFound } from "./words.js";

/** The name of the isolate that serves a request. */
export function isolateOf({ namespace, script, version, outbound, lane }) {
  return `${namespace}/${script}@${version}#${outbound}${lane ? `~${lane}` : ""}`;
}

/** Calls `use` with the entrypoint of a script. */
export function withScript(env, ctx, facts, id, use) {
  const { namespace, script, version, outbound, lane } = facts;
  const caller = { namespace, script, version };
  const isolate = isolateOf(facts);
  const stub = env.LOADER.get(isolate, async () => {
    try {
      const answer = await env.PARENT.fetch(`http://parent/code?${new URLSearchParams(caller)}`);
      // It was deleted after the dispatcher had looked where it is.
      if (answer.status === 404) throw new Error(notFound(script));
      if (!answer.ok) throw new Error(`The platform could not hand out the script: ${await answer.text()}`);
      const { assetsBinding, ...code } = decoded(await answer.json());
      if (assetsBinding) code.env[assetsBinding] = ctx.exports.Assets({ props: caller });
      loaded(isolate, `${namespace}/${script}`);
      loading();
      return {
        ...counted(code),
        globalOutbound: ctx.exports.Outbound({ props: { caller, outbound, lane } }),
        tails: [ctx.exports.Tail({ props: { caller, lane } })],
      };
    } catch (error) {
      // A script that was never loaded has no report in which its request ends.
      end(id);
      throw error;
    }
  });
  return use(stub.getEntrypoint());
}

/** What a request is sent with to the script's isolate, which takes away what is not for the script before it sees it. */
export function received({ cf }, id) {
  return { cf: { patchbay: id, cf } };
}

/** On whose behalf an isolate runs: `{caller, outbound, lane}`. */
export function behalfOf(_env, props) {
  return props;
}

/** Requests of an isolate came to their whole end. */
export function ended(_props, events) {
  for (const { event } of events) end(event?.request?.cf?.patchbay);
}

/** The code behind a main module that knows which request a call belongs to. */
function counted({ mainModule, modules, compatibilityFlags, listens, ...code }) {
  const free = (name) => (name in modules ? free(`_${name}`) : name);
  const [main, first, caches] = ["main", "first", "caches"].map((name) => free(`__patchbay_${name}.js`));
  const entry = JSON.stringify(`./${mainModule}`);
  const exported = `import { counted } from "./${first}";
    import "./${caches}";
    import * as script from ${entry};
    export * from ${entry};
    export default counted(script.default);`;
  const js = listens ? `import "./${first}"; import "./${caches}"; import ${entry};` : exported;
  return {
    ...code,
    mainModule: main,
    modules: { ...modules, [main]: { js }, [first]: { js: FIRST }, [caches]: { js: CACHES } },
    compatibilityFlags: [...new Set([...compatibilityFlags, "nodejs_als"])],
  };
}
