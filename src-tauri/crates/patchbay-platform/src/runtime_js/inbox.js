// In front of the operator's dispatcher: what arrives from outside is stored before a script gets it, and what became of it
// is told afterwards. The dispatcher decides first, because who a webhook is for says which secrets may not be stored.
import { AsyncLocalStorage } from "node:async_hooks";

const DELIVERY = "x-patchbay-delivery";
const LOAD = "load.";
/** What nobody sends as a webhook; WebSockets are among it. */
const NO_WEBHOOKS = new Set(["GET", "HEAD", "OPTIONS"]);
/** Bytes of a body that is kept. The largest that any provider sends are GitHub's 25 MB. */
const LARGEST = 32 << 20;
/** How long the next piece of a body of unknown length is waited for, and its end: one that pauses or goes on is a stream. */
const PIECE_MS = 500;
const WHOLE_MS = 10_000;
/** Up to here one copy of a body costs less than a stream of pieces. */
const SMALL = 64 << 10;
/** How long reports are collected, so that many webhooks at once are one report. */
const COLLECTED_MS = 10;

const CONTROL = Symbol.for("patchbay.control");

/** The webhook that is being dispatched. */
const current = new AsyncLocalStorage();
/** Marks of load runs → when they cease to hold, in milliseconds since the epoch. */
const loads = new Map();
let reports = [];
/** When somebody last undertook to send the reports. */
let undertaken = 0;

/** The operator's default export, whose `fetch` gets only what is stored. */
export function kept(dispatcher) {
  if (typeof dispatcher === "function") {
    if (typeof dispatcher.prototype?.fetch !== "function") return dispatcher;
    const Kept = class extends dispatcher {
      fetch(request) {
        const serve = (own) => super.fetch(own);
        return isWebhook(request, this.env) ? receive(request, this.env, this.ctx, serve) : serve(request);
      }
    };
    return Object.defineProperty(Kept, "name", { value: dispatcher.name });
  }
  if (typeof dispatcher?.fetch !== "function") return dispatcher;
  const fetch = (request, env, ctx) => {
    const serve = (own) => dispatcher.fetch(own, env, ctx);
    return isWebhook(request, env) ? receive(request, env, ctx, serve) : serve(request);
  };
  return Object.create(dispatcher, { fetch: { value: fetch, enumerable: true } });
}

function isWebhook(request, env) {
  return env.PATCHBAY_INBOX !== undefined && !NO_WEBHOOKS.has(request.method);
}

async function receive(request, env, ctx, serve) {
  const inbox = env.PATCHBAY_INBOX;
  const mark = request.headers.get(DELIVERY);
  if (mark !== null && (await isOurs(inbox, mark))) return serve(request);
  const started = Date.now();
  const taken = await take(request);
  const webhook = new Webhook(inbox, env.ENVIRONMENT, request, taken);
  // All namespace bindings are told by one.
  env[env.PATCHBAY_NAMESPACE]?.[CONTROL].follow(current);
  const outcome = {};
  let answer;
  let failure;
  try {
    answer = await current.run(webhook, serve, taken.request);
    outcome.status = answer?.status;
  } catch (error) {
    failure = { error };
    outcome.thrown = String(error?.message ?? error);
  }
  try {
    // A dispatcher that decided by itself handed nothing over.
    await webhook.keep();
  } catch (error) {
    console.error(JSON.stringify({ event: "webhook_not_stored", message: error.message }));
    return unavailable();
  }
  report(ctx, inbox, { id: webhook.id, ms: Date.now() - started, ...outcome });
  if (failure) throw failure.error;
  return answer;
}

/** A webhook on its way, which the namespace bindings hand over to the inbox before a script gets it. */
class Webhook {
  /** The inbox's id of it, once it is safe. */
  id;
  #store;
  #kept;

  constructor(inbox, environment, request, taken) {
    this.#store = (destination) => store(inbox, environment, request, taken, destination);
  }

  /** Returns when the webhook is safe. It is stored once, for the first script that it goes to. */
  keep(destination) {
    this.#kept ??= this.#store(destination).then((id) => {
      this.id = id;
    });
    return this.#kept;
  }
}

/** Whether the platform gave out the mark: a replay, which is recorded elsewhere, or a load run. */
async function isOurs(inbox, mark) {
  const known = loads.get(mark);
  if (known !== undefined) {
    if (Date.now() < known) return true;
    loads.delete(mark);
  }
  const answer = await inbox.fetch("http://inbox/mark", { method: "POST", body: mark });
  if (!answer.ok) return false;
  if (mark.startsWith(LOAD)) loads.set(mark, Number(await answer.text()));
  return true;
}

/** The body for the inbox, and a request that still has it. `left` says why there is no body for the inbox. */
async function take(request) {
  if (request.body === null) return { pieces: [], request };
  const { signal } = request;
  const stated = request.headers.get("content-length");
  if (stated !== null) {
    if (Number(stated) > LARGEST) return { pieces: [], left: { bytes: Number(stated) }, request };
    const body = new Uint8Array(await request.arrayBuffer());
    return { pieces: [body], request: new Request(request, { body, signal }) };
  }
  const { pieces, rest } = await begin(request.body);
  // As pieces again, so that the adapter sees a body of unknown length as the sender sent it.
  const body = stream(pieces, rest);
  const own = new Request(request, { body, signal });
  if (rest === undefined) return { pieces, request: own };
  return { pieces: [], left: { stream: true, bytes: sizeOf(pieces) }, request: own };
}

/** Reads to the end, if that comes soon and the body is not too large. Else `rest` reads on. */
async function begin(body) {
  const reader = body.getReader();
  const until = Date.now() + WHOLE_MS;
  const pieces = [];
  let bytes = 0;
  for (;;) {
    let reading = reader.read();
    const next = await soon(reading, Math.min(PIECE_MS, until - Date.now()));
    if (next?.done) return { pieces };
    if (next === undefined) {
      const read = () => {
        const next = reading ?? reader.read();
        reading = undefined;
        return next;
      };
      return { pieces, rest: { read, cancel: (reason) => reader.cancel(reason) } };
    }
    pieces.push(next.value);
    bytes += next.value.byteLength;
    if (bytes > LARGEST) return { pieces, rest: reader };
  }
}

/** What a promise gives, or `undefined` when that takes too long. */
async function soon(promise, ms) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, Math.max(ms, 0));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function stream(pieces, rest) {
  let at = 0;
  return new ReadableStream({
    async pull(out) {
      if (at < pieces.length) return out.enqueue(pieces[at++]);
      const next = rest === undefined ? { done: true } : await rest.read();
      if (next.done) out.close();
      else out.enqueue(next.value);
    },
    cancel: (reason) => rest?.cancel(reason),
  });
}

/** Hands a webhook over and waits until it is safe. Answers its id. */
async function store(inbox, environment, request, { pieces, left }, destination) {
  const { method, url } = request;
  const head = JSON.stringify({ environment, method, url, headers: [...request.headers], left, destination });
  const body = framed(new TextEncoder().encode(`${head}\n`), pieces);
  const answer = await inbox.fetch("http://inbox/webhooks", { method: "POST", body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

function sizeOf(pieces) {
  return pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
}

/** The head's line, then the bytes of the body. */
function framed(head, pieces) {
  const bytes = sizeOf(pieces) + head.byteLength;
  if (bytes > SMALL) return stream([head, ...pieces.filter((piece) => piece.byteLength > 0)]);
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of [head, ...pieces]) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

/** Every provider that retries does so after this answer. */
function unavailable() {
  const body = {
    error: "Inbox unavailable",
    message: "The webhook could not be stored and was not processed. Send it again later.",
  };
  return Response.json(body, { status: 503, headers: { "retry-after": "30" } });
}

/** Tells what became of webhooks, after their answers and many at once. */
function report(ctx, inbox, entry) {
  reports.push(entry);
  const now = Date.now();
  // Whoever undertook it may have been cancelled with its request.
  if (now - undertaken < 100 * COLLECTED_MS && reports.length > 1) return;
  undertaken = now;
  ctx.waitUntil(send(inbox));
}

async function send(inbox) {
  await new Promise((resolve) => setTimeout(resolve, COLLECTED_MS));
  const collected = reports;
  reports = [];
  await inbox.fetch("http://inbox/outcomes", { method: "POST", body: JSON.stringify(collected) });
}
