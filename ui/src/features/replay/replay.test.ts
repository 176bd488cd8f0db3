import { beforeEach, describe, expect, it } from 'vitest';
import type { DeliverySummary, SampleSummary, Trace } from '../../ipc/generated/bindings';
import { deferred, ScriptedBackend, wireError } from '../../testing/scripted';
import { ReplayState } from './replay.svelte';

const KEY = { tenant: 'a', adapter: 'b' };
const SAMPLES: SampleSummary[] = ['message', 'url_verification'].map((name) => ({
  name,
  provider: 'slack',
  event: name,
  description: '',
  has_expectation: true,
}));

function summary(delivery: string): DeliverySummary {
  return {
    delivery,
    ...KEY,
    sample: 'message',
    started_at: '2026-11-21T00:00:00Z',
    status: 200,
    duration_ms: 1,
    as_expected: true,
    outbound_calls: 0,
  };
}

const trace = (delivery: string) => ({ summary: summary(delivery) }) as Trace;

describe('ReplayState', () => {
  let backend: ScriptedBackend;
  let replay: ReplayState;

  beforeEach(async () => {
    backend = new ScriptedBackend()
      .on('replay_list', () => ({ deliveries: [] }))
      .on('replay_run', () => trace('d1'))
      .on('replay_show', ({ delivery }) => trace(delivery));
    replay = new ReplayState(backend);
    await replay.open(KEY, SAMPLES);
  });

  it('offers the first sample', () => {
    expect(replay.selected?.name).toBe('message');
  });

  it('shows the delivery and reads the history again', async () => {
    backend.on('replay_list', () => ({ deliveries: [summary('d1')] }));
    await replay.run('production');
    expect(backend.asked('replay_run')).toEqual([{ ...KEY, sample: 'message', environment: 'production' }]);
    expect(replay.trace?.summary.delivery).toBe('d1');
    expect(replay.history).toHaveLength(1);
  });

  it('keeps the sample that was chosen when the adapter is read again', async () => {
    replay.sample = 'url_verification';
    await replay.open({ ...KEY }, SAMPLES);
    expect(replay.sample).toBe('url_verification');
    await replay.open({ ...KEY }, SAMPLES.slice(0, 1));
    expect(replay.sample).toBe('message');
  });

  it('shows what was asked for last', async () => {
    const slow = deferred<Trace>();
    backend.on('replay_run', () => slow.promise);
    const running = replay.run('production');
    await replay.showDelivery('d7');
    slow.resolve(trace('d1'));
    await running;
    expect(replay.trace?.summary.delivery).toBe('d7');
  });

  it('takes an old trace off the screen when a run fails', async () => {
    await replay.run('production');
    backend.on('replay_run', () => {
      throw wireError('replay.no_signing_secret');
    });
    await replay.run('production');
    expect(replay.trace).toBeNull();
    expect(replay.error?.code).toBe('replay.no_signing_secret');
    expect(replay.running).toBe(false);
  });
});
