import { beforeEach, describe, expect, it } from 'vitest';
import type { ComparedPair, Comparison, HistoryDelivery, Trace } from '../../ipc/generated/bindings';
import { deferred, ScriptedBackend, wireError } from '../../testing/scripted';
import { CompareState, RUNS, runsOf } from './compare.svelte';

const KEY = { tenant: 'a', adapter: 'b' };

const delivery = (run: string | null, started: string) =>
  ({ run, started_at: started, against: 'live' }) as HistoryDelivery;

function pair(name: string, changes: number): ComparedPair {
  const change = { part: 'answer', path: 'answer.status', call: null, kind: 'changed', before: 200, after: 500 };
  return {
    name,
    before: `${name}-before`,
    after: `${name}-after`,
    changes: Array.from({ length: changes }, () => change),
    varies: [],
    unseen: null,
  };
}

function comparison(...pairs: ComparedPair[]): Comparison {
  const side = { id: 'run-1', against: 'live', version: null };
  return {
    before: side,
    after: side,
    differs: pairs.some(({ changes }) => changes.length > 0),
    pairs,
    only_before: [],
    only_after: [],
    timing: { before_ms: 1, after_ms: 2, is_slower: false },
    text: '',
  };
}

describe('CompareState', () => {
  let backend: ScriptedBackend;
  let compare: CompareState;

  beforeEach(() => {
    backend = new ScriptedBackend()
      .on('compare_code', () => comparison(pair('same', 0), pair('other', 1)))
      .on('compare_runs', () => comparison(pair('same', 0)))
      .on('history_search', () => ({
        deliveries: [delivery('run-2', '3'), delivery(null, '2'), delivery('run-1', '1'), delivery('run-1', '0')],
        next: null,
      }))
      .on('replay_show', ({ delivery: id }) => ({ summary: { delivery: id } }) as Trace);
    compare = new CompareState(backend);
    compare.open(KEY);
  });

  it('sends the last deliveries to the draft and shows the first pair that differs', async () => {
    await compare.run('production');
    expect(backend.asked('compare_code')).toEqual([
      { ...KEY, environment: 'production', webhooks: { last: { count: 10 } }, against: 'draft', strict: false },
    ]);
    expect(compare.pair?.name).toBe('other');
    await expect.poll(() => compare.traces?.after.summary.delivery).toBe('other-after');
  });

  it('sends all samples to a version', async () => {
    compare.what = 'abc';
    compare.samples = true;
    await compare.run('production');
    expect(backend.asked('compare_code')[0]).toMatchObject({ webhooks: 'all', against: { version: 'abc' } });
  });

  it('offers the two newest runs and compares them', async () => {
    compare.what = RUNS;
    expect(compare.ready).toBe(false);
    await compare.loadRuns();
    await compare.run('production');
    expect(backend.asked('compare_runs')).toEqual([{ before: 'run-1', after: 'run-2', strict: false }]);
    compare.before = compare.after;
    expect(compare.ready).toBe(false);
  });

  it('shows the pair that was picked last', async () => {
    await compare.run('production');
    const slow = deferred<Trace>();
    backend.on('replay_show', ({ delivery: id }) =>
      id.startsWith('same') ? slow.promise : ({ summary: { delivery: id } } as Trace),
    );
    const late = compare.show(pair('same', 0));
    await compare.show(pair('other', 1));
    slow.resolve({ summary: { delivery: 'same' } } as Trace);
    await late;
    expect(compare.traces?.before.summary.delivery).toBe('other-before');
  });

  it('says why there is no comparison, and takes the last one away', async () => {
    await compare.run('production');
    backend.on('compare_code', () => {
      throw wireError('bundle.failed');
    });
    await compare.run('production');
    expect([compare.error?.code, compare.comparison, compare.running]).toEqual(['bundle.failed', null, false]);
  });

  it('does not show a comparison on another adapter', async () => {
    const slow = deferred<Comparison>();
    backend.on('compare_code', () => slow.promise);
    const late = compare.run('production');
    compare.open({ tenant: 'a', adapter: 'c' });
    slow.resolve(comparison(pair('other', 1)));
    await late;
    expect([compare.comparison, compare.running]).toEqual([null, false]);
  });
});

describe('runsOf', () => {
  it('counts the deliveries of each run, which began with its oldest', () => {
    expect(runsOf([delivery('r2', '3'), delivery('r1', '2'), delivery('r1', '1'), delivery(null, '0')])).toEqual([
      { id: 'r2', started: '3', against: 'live', deliveries: 1 },
      { id: 'r1', started: '1', against: 'live', deliveries: 2 },
    ]);
  });
});
