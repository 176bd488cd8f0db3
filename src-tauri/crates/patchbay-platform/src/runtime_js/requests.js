// What is under way in a process that serves scripts: begun by its router module, ended by the runtime's report, which
// comes after the answer's body, `waitUntil` and WebSockets.
import { WorkerEntrypoint } from "cloudflare:workers";

let underWay = 0;

/** A request goes to a script. */
export function begin() {
  underWay += 1;
}

/** Requests came to their whole end. */
export function end(count = 1) {
  underWay = Math.max(0, underWay - count);
}

/** Answers on the socket `state`, which only the platform reaches. */
export class State extends WorkerEntrypoint {
  fetch() {
    return Response.json({ under_way: underWay });
  }
}
