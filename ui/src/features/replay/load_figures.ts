import { formatMilliseconds } from '../../components/format';
import type { LoadResult } from '../../ipc/generated/bindings';

/** The figures of a load run, in the order in which people look for them. */
export type FigureName = 'perSecond' | 'p50' | 'p90' | 'p99' | 'p999' | 'max' | 'failed';

/** One figure, beside that of the run before. */
export interface Figure {
  readonly name: FigureName;
  readonly now: string;
  readonly before: string;
  /** `+12 %`; empty where there is no run before. */
  readonly change: string;
  readonly tone: 'better' | 'worse' | 'same';
}

/** Changes below this are what two equal runs differ by. */
const NOISE = 0.05;

/** What a run came to. The core says by how much each figure changed; the one before follows from it. */
export function figures(result: LoadResult): Figure[] {
  const { latency, change } = result;
  const time = (name: FigureName, now: number, by: number | undefined): Figure =>
    figure(name, formatMilliseconds(now), by, (part) => formatMilliseconds(now / (1 + part)), 1);
  const failed = result.sent === 0 ? 0 : result.failed / result.sent;
  return [
    figure(
      'perSecond',
      rate(result.per_second),
      change?.per_second,
      (part) => rate(result.per_second / (1 + part)),
      -1,
    ),
    time('p50', latency.p50_ms, change?.p50),
    time('p90', latency.p90_ms, change?.p90),
    time('p99', latency.p99_ms, change?.p99),
    time('p999', latency.p999_ms, change?.p999),
    time('max', latency.max_ms, change?.max),
    {
      ...figure('failed', percent(failed), change?.failed, (part) => percent(failed - part), 1),
      // A difference of shares, not a share of a share.
      change: change ? signed(change.failed, 'pp') : '',
    },
  ];
}

function figure(
  name: FigureName,
  now: string,
  by: number | undefined,
  before: (part: number) => string,
  worse: 1 | -1,
): Figure {
  if (by === undefined) return { name, now, before: '', change: '', tone: 'same' };
  const noise = name === 'failed' ? 0 : NOISE;
  const tone = Math.abs(by) <= noise ? 'same' : by * worse > 0 ? 'worse' : 'better';
  // Where everything is gone there is nothing to tell the earlier figure from.
  return { name, now, before: name !== 'failed' && by <= -1 ? '–' : before(by), change: signed(by, '%'), tone };
}

function rate(perSecond: number): string {
  return `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString()}/s`;
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(2))} %`;
}

function signed(part: number, unit: string): string {
  const value = Number((part * 100).toFixed(1));
  return `${value > 0 ? '+' : value < 0 ? '−' : '±'}${Math.abs(value)} ${unit}`;
}
