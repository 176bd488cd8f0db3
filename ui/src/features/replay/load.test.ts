import { beforeEach, describe, expect, it } from 'vitest';
import type { LoadFinished, LoadProgressed, LoadResult, SampleSummary } from '../../ipc/generated/bindings';
import { ScriptedBackend, wireError } from '../../testing/scripted';
import { histograms } from './histogram';
import { figures } from './load_figures';
import { ALL_SAMPLES, LoadState } from './load.svelte';

const KEY = { tenant: 'a', adapter: 'b' };

const result = (run: string, since: string | null) =>
  ({ run, change: since === null ? null : { since } }) as unknown as LoadResult;

describe('LoadState', () => {
  let backend: ScriptedBackend;
  let load: LoadState;

  function progressed(ended: number, failed: number, seconds: number, change: Partial<LoadProgressed> = {}): void {
    const event = { job: 'j', run: 'r', ended, failed, total: 100, elapsed_seconds: seconds, per_second: 50 };
    backend.emit({ kind: 'load_progressed', ...event, remaining_seconds: 1, ...change });
  }

  function finished(change: Partial<LoadFinished> = {}): void {
    backend.emit({ kind: 'load_finished', job: 'j', run: 'r', result: null, error: null, ...change });
  }

  beforeEach(() => {
    backend = new ScriptedBackend()
      .on('load_start', () => ({ job: 'j', run: 'r', webhooks: 1 }))
      .on('load_cancel', () => null);
    load = new LoadState(backend);
    const sample = (name: string, known: boolean) => ({ name, has_expectation: known }) as SampleSummary;
    load.open(KEY, [sample('a', false), sample('forged', true), sample('plain', true)]);
  });

  it('asks for so many deliveries of the most telling sample, and for nothing that was not set', async () => {
    await load.run('production');
    expect(backend.asked('load_start')).toEqual([
      {
        replay: { ...KEY, environment: 'production', webhooks: { samples: ['plain'] } },
        count: 1000,
        concurrency: 16,
      },
    ]);
  });

  it('asks for all samples at a rate for some seconds, with faults', async () => {
    load.sample = ALL_SAMPLES;
    load.by = 'duration';
    load.duration = 5;
    load.rate = 200;
    load.ramp = 2;
    load.faults = ['notion%5:429'];
    await load.run('production');
    expect(backend.asked('load_start')[0]).toEqual({
      replay: { ...KEY, environment: 'production', webhooks: 'all', faults: ['notion%5:429'] },
      duration: 5,
      concurrency: 16,
      rate: 200,
      ramp: 2,
    });
  });

  it('draws what is answered and what fails from moment to moment', async () => {
    await load.run('production');
    progressed(10, 0, 0.2);
    progressed(20, 3, 0.5);
    progressed(1, 1, 1, { job: 'another' });
    expect(load.moments.map(({ seconds, perSecond }) => [seconds, perSecond])).toEqual([
      [0.2, 50],
      [0.5, 50],
    ]);
    expect(load.moments[1]?.failedPerSecond).toBeCloseTo(10);
  });

  it('puts the last run of the same settings beside the new one', async () => {
    await load.run('production');
    finished({ result: result('r1', null) });
    expect([load.running, load.result?.run, load.previous]).toEqual([false, 'r1', null]);
    await load.run('production');
    finished({ result: result('r2', 'r1') });
    expect([load.result?.run, load.previous?.run]).toEqual(['r2', 'r1']);
  });

  it('ends early when asked to and keeps the partial result', async () => {
    await load.run('production');
    await load.cancel();
    expect(backend.asked('load_cancel')).toEqual([{ job: 'j' }]);
    finished({ result: result('r1', null) });
    expect([load.cancelling, load.result?.run]).toEqual([false, 'r1']);
  });

  it('says why nothing was sent', async () => {
    await load.run('production');
    finished({ error: wireError('replay.no_signing_secret') });
    expect([load.running, load.error?.code]).toEqual([false, 'replay.no_signing_secret']);
  });
});

describe('histograms', () => {
  it('brings both runs onto the same bars, each in percent of its own whole', () => {
    const now = [
      { to_ms: 1, count: 1 },
      { to_ms: 5, count: 3 },
    ];
    expect(histograms(now, [{ to_ms: 2, count: 10 }])).toEqual({
      ends: [1, 2, 5],
      now: [25, 0, 75],
      before: [0, 100, 0],
    });
    expect(histograms(now, null).before).toEqual([null, null]);
  });
});

describe('figures', () => {
  const latency = { count: 1, min_ms: 1, mean_ms: 1, p50_ms: 11, p90_ms: 1, p99_ms: 1, p999_ms: 1, max_ms: 1 };
  const base = { sent: 200, failed: 4, per_second: 90, latency };
  const change = { since: 'r', per_second: -0.1, p50: 0.1, p90: 0.02, p99: -0.5, p999: 0, max: 0, failed: 0.01 };

  it('says what the figures of the last run were, and which became worse', () => {
    const rows = figures({ ...base, change } as LoadResult);
    const row = (name: string) => rows.find((each) => each.name === name);
    expect(row('perSecond')).toMatchObject({ now: '90/s', before: '100/s', change: '−10 %', tone: 'worse' });
    expect(row('p50')).toMatchObject({ now: '11.0 ms', before: '10.0 ms', change: '+10 %', tone: 'worse' });
    expect(row('p90')).toMatchObject({ tone: 'same' });
    expect(row('p99')).toMatchObject({ before: '2.0 ms', tone: 'better' });
    expect(row('failed')).toMatchObject({ now: '2 %', before: '1 %', change: '+1 pp', tone: 'worse' });
  });

  it('leaves the comparison empty where there is none', () => {
    expect(figures({ ...base, change: null } as LoadResult)[0]).toMatchObject({ before: '', change: '', tone: 'same' });
  });
});
