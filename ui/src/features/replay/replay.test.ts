import { beforeEach, describe, expect, it } from 'vitest';
import type {
  DeliverySummary,
  ReplayFinished,
  ReplayProgress,
  ReplayStarted,
  SampleSummary,
  Trace,
} from '../../ipc/generated/bindings';
import { deferred, ScriptedBackend, wireError } from '../../testing/scripted';
import { ReplayState, SEVERAL } from './replay.svelte';

const KEY = { tenant: 'a', adapter: 'b' };
const STARTED: ReplayStarted = { job: 'j1', run: 'run-1', webhooks: 2 };
const SAMPLES: SampleSummary[] = ['message', 'url_verification'].map((name) => ({
  name,
  provider: 'slack',
  event: name,
  description: '',
  has_expectation: true,
}));

function summary(delivery: string, asExpected = true): DeliverySummary {
  return {
    delivery,
    ...KEY,
    run: 'run-1',
    sample: 'message',
    origin: 'sample',
    against: 'live',
    event: null,
    sender: null,
    started_at: '2026-11-21T00:00:00Z',
    status: 200,
    duration_ms: 1,
    as_expected: asExpected,
    outbound_calls: 0,
  };
}

const trace = (delivery: string) => ({ summary: summary(delivery) }) as Trace;

describe('ReplayState', () => {
  let backend: ScriptedBackend;
  let replay: ReplayState;

  function sent(delivery: string, change: Partial<ReplayProgress> = {}): void {
    const event = { job: 'j1', run: 'run-1', sent: 1, webhooks: 2, delivery: summary(delivery), ...change };
    backend.emit({ kind: 'replay_progressed', ...event });
  }

  function finished(change: Partial<ReplayFinished> = {}): void {
    const event = { job: 'j1', run: 'run-1', sent: 1, cancelled: false, error: null, ...change };
    backend.emit({ kind: 'replay_finished', ...event });
  }

  const shown = () => expect.poll(() => replay.trace?.summary.delivery);

  beforeEach(async () => {
    backend = new ScriptedBackend()
      .on('replay_list', () => ({ deliveries: [] }))
      .on('replay_start', () => STARTED)
      .on('replay_cancel', () => null)
      .on('replay_show', ({ delivery }) => trace(delivery));
    replay = new ReplayState(backend);
    await replay.open(KEY, SAMPLES);
  });

  it('offers the plainest sample whose outcome is known', () => {
    expect(replay.selected?.name).toBe('message');
  });

  it('sends what was chosen, and says nothing of what was not', async () => {
    await replay.run('production');
    expect(backend.asked('replay_start')).toEqual([
      { ...KEY, environment: 'production', webhooks: { samples: ['message'] }, against: 'live' },
    ]);
  });

  it('sends all, some and the last ones, to drafts and versions, with what goes wrong', async () => {
    const asked = async () => {
      await replay.run('production');
      finished();
      return backend.asked('replay_start').at(-1);
    };
    replay.sample = SEVERAL.all;
    replay.against = 'draft';
    expect(await asked()).toMatchObject({ webhooks: 'all', against: 'draft' });
    replay.sample = SEVERAL.last;
    replay.last = 7;
    replay.against = 'abc';
    expect(await asked()).toMatchObject({ webhooks: { last: { count: 7 } }, against: { version: 'abc' } });
    replay.sample = SEVERAL.some;
    expect(replay.ready).toBe(false);
    replay.chosen = ['url_verification'];
    replay.faults = ['notion:429'];
    replay.sender = ['duplicate'];
    replay.clockSkew = -30;
    expect(await asked()).toMatchObject({
      webhooks: { samples: ['url_verification'] },
      faults: ['notion:429'],
      sender: ['duplicate'],
      clock_skew: -30,
    });
  });

  it('shows deliveries as they are made, the first one whole, and reads the history at the end', async () => {
    await replay.run('production');
    sent('d1');
    sent('d2', { sent: 2 });
    expect(replay.running).toBe(true);
    expect(replay.deliveries.map(({ delivery }) => delivery)).toEqual(['d1', 'd2']);
    await shown().toBe('d1');
    backend.on('replay_list', () => ({ deliveries: [summary('d2'), summary('d1')] }));
    finished({ sent: 2 });
    expect(replay.running).toBe(false);
    await expect.poll(() => replay.history).toHaveLength(2);
  });

  it('takes events that are faster than the answer which names the run', async () => {
    const slow = deferred<ReplayStarted>();
    backend.on('replay_start', () => slow.promise);
    const running = replay.run('production');
    sent('d1');
    sent('other', { job: 'j2' });
    finished();
    slow.resolve(STARTED);
    await running;
    expect(replay.deliveries.map(({ delivery }) => delivery)).toEqual(['d1']);
    expect(replay.finished?.run).toBe('run-1');
  });

  it('asks a run to end and says what was sent', async () => {
    await replay.run('production');
    sent('d1');
    await replay.cancel();
    expect(backend.asked('replay_cancel')).toEqual([{ job: 'j1' }]);
    expect(replay.cancelling).toBe(true);
    finished({ cancelled: true });
    expect([replay.running, replay.cancelling, replay.finished?.cancelled]).toEqual([false, false, true]);
  });

  it('keeps the sample that was chosen when the adapter is read again', async () => {
    replay.sample = 'url_verification';
    await replay.open({ ...KEY }, SAMPLES);
    expect(replay.sample).toBe('url_verification');
    await replay.open({ ...KEY }, SAMPLES.slice(0, 1));
    expect(replay.sample).toBe('message');
  });

  it('keeps the delivery that a person picked while a run goes on', async () => {
    await replay.run('production');
    await replay.showDelivery('d7');
    sent('d1');
    finished();
    await shown().toBe('d7');
  });

  it('shows what was picked last, however late the answers come', async () => {
    const slow = deferred<Trace>();
    backend.on('replay_show', ({ delivery }) => (delivery === 'd1' ? slow.promise : trace(delivery)));
    const first = replay.showDelivery('d1');
    await replay.showDelivery('d2');
    slow.resolve(trace('d1'));
    await first;
    expect(replay.trace?.summary.delivery).toBe('d2');
  });

  it('takes an old trace off the screen when a run cannot begin', async () => {
    await replay.showDelivery('d1');
    backend.on('replay_start', () => {
      throw wireError('replay.no_signing_secret');
    });
    await replay.run('production');
    expect(replay.trace).toBeNull();
    expect(replay.error?.code).toBe('replay.no_signing_secret');
    expect(replay.running).toBe(false);
  });

  it('says why a run ended early and keeps what was sent', async () => {
    await replay.run('production');
    sent('d1');
    finished({ error: wireError('replay.failed') });
    expect(replay.error?.code).toBe('replay.failed');
    expect(replay.deliveries).toHaveLength(1);
  });

  it('does not take the events of an adapter that is not on the screen any more', async () => {
    await replay.run('production');
    await replay.open({ tenant: 'a', adapter: 'c' }, SAMPLES);
    sent('d1');
    finished({ error: wireError('replay.failed') });
    expect([replay.deliveries, replay.error]).toEqual([[], null]);
  });

  it('replays a kept delivery', async () => {
    await replay.again('production', 'd1');
    expect(backend.asked('replay_start')).toEqual([
      { ...KEY, environment: 'production', webhooks: { from: 'd1' }, against: 'live' },
    ]);
  });

  it('shows what an expectation would say before it is written', async () => {
    const proposal = {
      ...KEY,
      sample: 'message',
      file: 'expect/message.json',
      changed: true,
      diff: '+',
      expectation: {},
    };
    backend.on('expectation_propose', () => proposal).on('expectation_write', () => proposal);
    await replay.proposeExpectation();
    expect(backend.asked('expectation_propose')).toEqual([]);
    await replay.showDelivery('d1');
    await replay.proposeExpectation();
    expect([replay.proposal?.diff, backend.asked('expectation_write')]).toEqual(['+', []]);
    await replay.writeExpectation();
    expect(backend.asked('expectation_write')).toEqual([{ delivery: 'd1' }]);
    expect([replay.proposal, replay.expectationWritten]).toEqual([null, 'expect/message.json']);
  });

  it('asks for the upstreams once', async () => {
    const upstream = { id: 'notion', hosts: [], calls: 0, kept: 0, faults: [], late_failures: [] };
    backend.on('upstream_list', () => ({ upstreams: [upstream], documents: [] }));
    await replay.loadUpstreams();
    await replay.loadUpstreams();
    expect(replay.upstreams).toEqual(['notion']);
    expect(backend.asked('upstream_list')).toEqual([{ tenant: 'a' }]);
  });
});
