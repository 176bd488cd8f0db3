// What was looked up a moment ago, in the memory of this isolate.

export interface Limits {
  /** How many answers are kept; the one that was not used for longest makes room. */
  most: number;
  /** How long an answer counts, in milliseconds. */
  lastsMs: number;
}

/** Answers by key. Another isolate has its own, and none outlives its isolate. */
export class Recent<Answer> {
  readonly #kept = new Map<string, { answer: Answer; until: number }>();

  constructor(readonly limits: Limits) {}

  get(key: string): Answer | undefined {
    const found = this.#kept.get(key);
    this.#kept.delete(key);
    if (!found || found.until <= Date.now()) return undefined;
    // A map lists its keys in the order in which they came.
    this.#kept.set(key, found);
    return found.answer;
  }

  put(key: string, answer: Answer, lastsMs = this.limits.lastsMs): void {
    this.#kept.delete(key);
    this.#kept.set(key, { answer, until: Date.now() + lastsMs });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.limits.most) break;
      this.#kept.delete(oldest);
    }
  }
}
