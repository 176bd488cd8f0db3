// Turns of one tenant, for every isolate of the outbound worker: on Cloudflare this Durable Object, in the embedded
// platform its supervisor. They are in memory: an object that starts anew begins with a full bucket.
import { DurableObject } from 'cloudflare:workers';
import { Turns } from './turns';

export class Pace extends DurableObject {
  readonly #turns = new Turns();

  /** As `Turns.take`, now. */
  take(perSecond: number, longest: number): number {
    return this.#turns.take(Date.now(), perSecond, longest);
  }
}
