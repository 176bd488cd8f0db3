// What is under way in a process that serves scripts: begun by its router module, ended by the runtime's report, which
// comes after the answer's body, `waitUntil` and WebSockets. The platform asks for it over the socket `state`.
import { WorkerEntrypoint } from "cloudflare:workers";

/** Requests told one by one at most. */
const MOST_TOLD = 200;

/** Id → isolate and limits. */
const underWay = new Map();
let begun = 0;
/** Isolates that were started. */
let loads = 0;
/** CPU limit → requests that have it and no answer yet. */
const inForce = new Map();
/** What the platform takes to be in force in this process, and how many times it was told. */
let announced = "";
let announcements = 0;
/** Whether somebody watches requests, and the number of the change that made it so; the platform counts them. */
let watched = { is: true, change: 0 };
/** Tells this process from the one before it; drawn with the first request, as nothing can be drawn earlier. */
let instance;
/** Names of isolates that were loaded, and the scripts among them. Loaded isolates are never given back. */
const isolates = new Set();
const scripts = new Set();

/** Milliseconds between two beats. */
const BEAT_PAUSE_MS = 5;
/** Requests that have no answer yet, now and as the platform was told last. */
let unanswered = 0;
let toldUnanswered = 0;
let beaten = 0;
/** Makes the line one that no script can write; known from the first request on. */
let mark;

/**
 * Tells the platform, which reads this process's standard error, that a turn of the event loop is over: a busy process
 * shows by nothing else that it does not spin. And how many requests may share the time until the next: scripts whose
 * requests came together run one after the other, without a turn of this module between them.
 */
function beat(isLoading = false) {
  const now = Date.now();
  if (!isLoading && now - beaten < BEAT_PAUSE_MS && unanswered < 2 * toldUnanswered) return;
  beaten = now;
  toldUnanswered = unanswered;
  console.warn(`${mark}-turn ${unanswered}${isLoading ? " loading" : ""}`);
}

/** An isolate is about to start. That takes CPU time which no request is charged with, as on Cloudflare. */
export function loading() {
  loads += 1;
  beat(true);
}

/**
 * A request goes to a script. The platform has to know the CPU limits in force before the script runs, because a script
 * that spins lets nobody ask. Answers the request's id.
 */
export async function begin(env, isolate, { limits }) {
  const id = ++begun;
  unanswered += 1;
  mark ??= env.MARK;
  beat();
  underWay.set(id, { isolate, limits, calls: 0, isAnswered: false });
  inForce.set(limits.cpuMs, (inForce.get(limits.cpuMs) ?? 0) + 1);
  // Nearly always all have the same limit, and nothing is to be told.
  for (let limits = limitsInForce(); `${limits}` !== announced; limits = limitsInForce()) await announce(env, limits);
  return id;
}

/**
 * Whether the process does nothing else while it serves a request that has just begun: what answers is asked again at the
 * end. Starting an isolate is something else.
 */
export function aloneWith(id) {
  const isFirst = underWay.size === 1;
  const before = loads;
  return () => isFirst && begun === id && loads === before;
}

function limitsInForce() {
  return [...inForce.keys()].sort();
}

async function announce(env, limits) {
  instance ??= crypto.randomUUID();
  const sequence = ++announcements;
  const body = JSON.stringify({ instance, sequence, cpu_limits: limits });
  const answer = await env.PARENT.fetch("http://parent/limits", { method: "POST", body });
  setWatched(await answer.json());
  if (sequence === announcements) announced = `${limits}`;
}

/**
 * Counts a call against the request that makes it, and refuses it when that one has made as many as it may. A call of
 * which nobody knows whose it is counts against every request of the isolate, and is refused when none has any left: so
 * hiding it gains nothing, and a request that is only waiting for its report stops nobody.
 */
export function charge(id, isolate) {
  const known = underWay.get(id);
  const charged = known?.isolate === isolate ? [known] : [...underWay.values()].filter((one) => one.isolate === isolate);
  for (const request of charged) request.calls += 1;
  // Cloudflare's words.
  const isSpent = ({ calls, limits }) => calls > limits.subRequests;
  if (charged.length > 0 && charged.every(isSpent)) throw new Error("Too many subrequests.");
}

/**
 * A request has its answer. What it still does (a body that it makes, `waitUntil`) has the limits of those that came after
 * it, if they differ: otherwise a request that is nearly over would lend a longer limit to one that spins.
 */
export function answered(id) {
  const request = underWay.get(id);
  if (!request || request.isAnswered) return;
  request.isAnswered = true;
  unanswered -= 1;
  beat();
  const { cpuMs } = request.limits;
  const left = inForce.get(cpuMs) - 1;
  if (left === 0) inForce.delete(cpuMs);
  else inForce.set(cpuMs, left);
}

/** A request is over and reported, or never reached its script. */
export function end(id) {
  answered(id);
  underWay.delete(id);
}

/** Requests of an isolate are over and reported that nobody can tell apart. */
export function endOldest(isolate, count) {
  for (const [id, request] of underWay) {
    if (count <= 0) return;
    if (request.isolate !== isolate) continue;
    end(id);
    count -= 1;
  }
}

/** An isolate was loaded for a script. */
export function loaded(name, script) {
  isolates.add(name);
  scripts.add(script);
}

/** The platform says whether somebody watches requests. It may be late news. */
export function setWatched(said) {
  if (said.change > watched.change) watched = said;
}

/** Whether somebody watches requests that are not recorded. */
export function isWatched() {
  return watched.is;
}

/** Answers on the socket `state`, which only the platform reaches. */
export class State extends WorkerEntrypoint {
  async fetch(request) {
    setWatched(await request.json());
    const requests = [...underWay.keys()].slice(0, MOST_TOLD).map((id) => ({ id }));
    return Response.json({
      under_way: underWay.size,
      begun,
      requests,
      isolates: isolates.size,
      scripts: scripts.size,
    });
  }
}
