// When a tenant's next call may go out: a token bucket, kept as the one moment at which it is full again.

/** A second's worth of calls may go at once; what comes faster takes turns. */
const BURST_MS = 1000;

export class Turns {
  #fullAt = 0;

  /**
   * Takes the next turn and tells how long to wait for it, in milliseconds. A turn that is further away than `longest`
   * is not taken, and whoever asked must not call.
   */
  take(now: number, perSecond: number, longest: number): number {
    const interval = 1000 / perSecond;
    const fullAt = Math.max(this.#fullAt, now);
    const wait = Math.max(0, fullAt - now - Math.max(0, BURST_MS - interval));
    if (wait <= longest) this.#fullAt = fullAt + interval;
    return wait;
  }
}
