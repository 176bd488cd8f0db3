// The handlers of alarms that run in this process. No request does, and none of the requests may be taken for one.
import { State as Requests } from "./requests.js";

/** More than any script has. A script that says so wrongly, to its own process, makes nothing grow beyond it. */
const MOST = 10_000;

const ringing = new Set();
let newest = 0;

/** A handler begins. Answers its number. */
export function rings() {
  newest += 1;
  if (ringing.size < MOST) ringing.add(newest);
  return newest;
}

/** A handler is over. */
export function rang(number) {
  ringing.delete(number);
}

/** What is under way, with the alarms: they hold the process as one more request does. */
export class State extends Requests {
  async fetch(request) {
    const state = await (await super.fetch(request)).json();
    return Response.json({ ...state, under_way: state.under_way + Math.min(ringing.size, 1) });
  }
}
