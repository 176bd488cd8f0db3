import { beforeEach, describe, expect, it } from 'vitest';
import type { ResilienceFinished } from '../../ipc/generated/bindings';
import { ScriptedBackend, wireError } from '../../testing/scripted';
import { describe as words, holds } from './resilience_report';
import { ResilienceState } from './resilience.svelte';

const KEY = { tenant: 'a', adapter: 'b' };

describe('ResilienceState', () => {
  let backend: ScriptedBackend;
  let resilience: ResilienceState;

  const finished = (change: Partial<ResilienceFinished>) =>
    backend.emit({ kind: 'resilience_finished', job: 'j', report: null, error: null, ...change });

  beforeEach(() => {
    backend = new ScriptedBackend().on('resilience_start', () => ({ job: 'j' })).on('resilience_cancel', () => null);
    resilience = new ResilienceState(backend);
    resilience.open(KEY, ['message', 'other']);
  });

  it('tries all samples unless some are chosen', async () => {
    await resilience.run('production');
    finished({});
    resilience.chosen = ['other'];
    await resilience.run('production');
    expect(backend.asked('resilience_start')).toEqual([
      { ...KEY, environment: 'production' },
      { ...KEY, environment: 'production', samples: ['other'] },
    ]);
  });

  it('says how far it is and shows the report', async () => {
    await resilience.run('production');
    backend.emit({ kind: 'resilience_progressed', job: 'j', sample: 'message', done: 3, of: 20 });
    expect(resilience.progress).toMatchObject({ sample: 'message', done: 3, of: 20 });
    finished({ report: { holds: true, report: { samples: [] }, text: '' } });
    expect([resilience.running, resilience.holds, resilience.report]).toEqual([false, true, { samples: [] }]);
  });

  it('ends when asked to', async () => {
    await resilience.run('production');
    await resilience.cancel();
    expect(backend.asked('resilience_cancel')).toEqual([{ job: 'j' }]);
    finished({ error: wireError('replay.failed') });
    expect([resilience.cancelling, resilience.error?.code]).toEqual([false, 'replay.failed']);
  });

  it('forgets samples that are gone', () => {
    resilience.chosen = ['message', 'other'];
    resilience.open({ ...KEY }, ['other']);
    expect(resilience.chosen).toEqual(['other']);
  });
});

describe('a trial', () => {
  it('says what went wrong in a line', () => {
    const call = { upstream: 'notion', number: 2, method: 'POST', path: '/v1/pages' };
    expect(words({ call: { call, how: '503', fault: 'notion#2:503' } })).toEqual({
      where: 'notion #2 POST /v1/pages',
      how: '503',
    });
    expect(words({ outage: { upstream: 'notion', how: '503', fault: 'notion:503' } }).where).toBe('notion');
    expect(words({ sender: { behaviour: 'duplicate', how: null } })).toEqual({ where: 'duplicate', how: '' });
  });

  it.each([
    ['once', true],
    ['refused', true],
    ['twice', false],
    ['let_in', false],
  ] as const)('that ended with %s holds: %s', (verdict, expected) => {
    expect(holds(verdict)).toBe(expected);
  });
});
