import type { JsonValue } from '../../ipc/generated/bindings';

/**
 * A resilience report as the core writes it: the JSON of `patchbay resilience --json` (`ResilienceReport` in
 * patchbay-replay). Only what the window shows is named here.
 */
export interface ResilienceReport {
  readonly run: string;
  readonly took_ms: number;
  readonly cancelled: boolean;
  readonly samples: readonly SampleResilience[];
}

export interface SampleResilience {
  readonly sample: string;
  /** The sender's name, `Slack`. */
  readonly sender: string;
  readonly retry_policy: string;
  /** Why no trials were made, where none were. */
  readonly problem: string | null;
  readonly trials: readonly Trial[];
  /** The whole in a sentence. */
  readonly summary: string;
}

/** One thing that went wrong, and what came of it. */
export interface Trial {
  readonly what: Trouble;
  readonly attempts: readonly Attempt[];
  readonly verdict: Verdict;
  readonly made: readonly Made[];
  readonly note: string | null;
}

export type Verdict = 'once' | 'nothing' | 'refused' | 'twice' | 'lost' | 'partial' | 'different' | 'let_in';

export type Trouble =
  | { readonly call: { readonly call: BrokenCall; readonly how: string; readonly fault: string } }
  | { readonly outage: { readonly upstream: string; readonly how: string; readonly fault: string } }
  | { readonly sender: { readonly behaviour: string; readonly how: string | null } };

export interface BrokenCall {
  readonly upstream: string;
  readonly number: number;
  readonly method: string;
  readonly path: string;
}

/** One delivery of a trial, as its sender saw it. */
export interface Attempt {
  readonly delivery: string;
  readonly status: number | null;
  readonly ms: number;
  readonly in_time: boolean;
  /** What the sender makes of it. */
  readonly reaction: string;
  readonly delivered: boolean;
}

/** Things of one kind that an upstream keeps. */
export interface Made {
  readonly upstream: string;
  readonly kind: string;
  readonly expected: number;
  readonly found: number;
}

/** Takes the core's JSON for what it is; window and core are of one build. */
export function readReport(report: JsonValue): ResilienceReport {
  return report as unknown as ResilienceReport;
}

/** Whether a person can live with a verdict. */
export function holds(verdict: Verdict): boolean {
  return verdict === 'once' || verdict === 'nothing' || verdict === 'refused';
}

/** What went wrong, in a line: which call or sender, and how. */
export function describe(what: Trouble): { readonly where: string; readonly how: string } {
  if ('call' in what) {
    const { upstream, number, method, path } = what.call.call;
    return { where: `${upstream} #${number} ${method} ${path}`, how: what.call.how };
  }
  if ('outage' in what) return { where: what.outage.upstream, how: what.outage.how };
  return { where: what.sender.behaviour, how: what.sender.how ?? '' };
}
