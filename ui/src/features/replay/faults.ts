/** Faults as a person picks them, and as the core reads them: `notion#2:429:retry-after=1`. */

/** How a call breaks, in the order in which people look for it. */
export const FAULT_KINDS = [
  '429',
  '500',
  '503',
  'timeout',
  'slow',
  'reset',
  'truncated',
  'malformed',
  'html',
  'empty',
  'expired-token',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** Which calls of the upstream break. */
export const FAULT_CALLS = ['every', 'number', 'share'] as const;

export type FaultCalls = (typeof FAULT_CALLS)[number];

/** A fault that is being picked. */
export interface FaultDraft {
  readonly upstream: string;
  readonly calls: FaultCalls;
  /** The call's number from 1, or a share in percent; of no meaning for every call. */
  readonly amount: number;
  readonly kind: FaultKind;
  /** `Retry-After` in seconds for 429 and 503, milliseconds for what is slow; `null` where nothing is said. */
  readonly option: number | null;
}

/** What the number beside a kind is. */
export function optionOf(kind: FaultKind): 'retry-after' | 'ms' | null {
  if (kind === '429' || kind === '503') return 'retry-after';
  return kind === 'slow' || kind === 'timeout' ? 'ms' : null;
}

/** The fault as the core reads it. */
export function faultText({ upstream, calls, amount, kind, option }: FaultDraft): string {
  const place = { every: upstream, number: `${upstream}#${amount}`, share: `${upstream}%${amount}` }[calls];
  const name = optionOf(kind);
  return name === null || option === null ? `${place}:${kind}` : `${place}:${kind}:${name}=${option}`;
}
