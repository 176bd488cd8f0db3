import type { LoadBar } from '../../ipc/generated/bindings';

/** Two histograms over the same bars, each in percent of its own whole. */
export interface Histograms {
  /** Upper ends of the bars in milliseconds. */
  readonly ends: readonly number[];
  readonly now: readonly number[];
  /** `null` throughout where there is nothing to compare with. */
  readonly before: readonly (number | null)[];
}

/** Brings two histograms onto the same bars. The core's bars end at 1, 2 and 5 of each power of ten. */
export function histograms(now: readonly LoadBar[], before: readonly LoadBar[] | null): Histograms {
  const ends = [...new Set([...now, ...(before ?? [])].map((bar) => bar.to_ms))].toSorted((one, other) => one - other);
  return {
    ends,
    now: percents(now, ends),
    before: before ? percents(before, ends) : ends.map(() => null),
  };
}

function percents(bars: readonly LoadBar[], ends: readonly number[]): number[] {
  const whole = bars.reduce((sum, bar) => sum + bar.count, 0);
  const counts = new Map(bars.map((bar) => [bar.to_ms, bar.count]));
  return ends.map((end) => (whole === 0 ? 0 : ((counts.get(end) ?? 0) / whole) * 100));
}
