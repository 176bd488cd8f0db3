import { beforeEach, describe, expect, it } from 'vitest';
import type {
  AppEvent,
  Diagnostic,
  PublishStep,
  Severity,
  StepState,
  VersionSummary,
} from '../../ipc/generated/bindings';
import { deferred, ScriptedBackend, wireError } from '../../testing/scripted';
import { PublishState } from './publish.svelte';

const KEY = { tenant: 'a', adapter: 'b' };
const VERSION: VersionSummary = {
  number: 1,
  id: '0',
  created_at: '2026-11-21T00:00:00Z',
  environment: 'production',
  target: 'local',
  namespace: 'n',
  note: null,
  live: true,
  allowances: [],
  bytes: 1,
};

function progress(job: string, step: PublishStep, state: StepState): AppEvent {
  return { kind: 'publish_progressed', job, step, state, message: 'm', duration_ms: 1 };
}

describe('PublishState', () => {
  let backend: ScriptedBackend;
  let publish: PublishState;
  let live: number;

  beforeEach(async () => {
    backend = new ScriptedBackend()
      .on('version_list', () => ({ versions: [] }))
      .on('publish_start', () => ({ job: 'job-1' }))
      .on('publish_cancel', () => null);
    publish = new PublishState(backend);
    live = 0;
    publish.onLive = () => (live += 1);
    await publish.open(KEY, 'production');
  });

  it('shows every step as it happens and ends with the new version', async () => {
    await publish.start('  first ');
    expect(backend.asked('publish_start')).toEqual([{ ...KEY, environment: 'production', note: 'first' }]);
    expect(publish.steps.map((line) => line.state)).toEqual(Array(7).fill('waiting'));
    backend.emit(progress('job-1', 'lint', 'started'));
    expect(publish.steps[0]).toMatchObject({ step: 'lint', state: 'started' });
    backend.emit(progress('job-1', 'lint', 'done'));
    backend.on('version_list', () => ({ versions: [VERSION] }));
    backend.emit({ kind: 'publish_finished', job: 'job-1', version: VERSION, error: null, diagnostics: [] });
    expect(publish.running).toBe(false);
    expect(publish.finished?.version).toEqual(VERSION);
    expect(live).toBe(1);
    await expect.poll(() => publish.versions).toEqual([VERSION]);
  });

  it('keeps steps that arrive before the job is known, and nobody else’s', async () => {
    const answer = deferred<{ job: string }>();
    backend.on('publish_start', () => answer.promise);
    const started = publish.start('');
    backend.emit(progress('job-1', 'lint', 'done'));
    backend.emit(progress('job-of-another-window', 'bundle', 'failed'));
    answer.resolve({ job: 'job-1' });
    await started;
    expect(publish.steps.slice(0, 2).map((line) => line.state)).toEqual(['done', 'waiting']);
  });

  it('says why it failed and tells nobody that something is live', async () => {
    await publish.start('');
    backend.emit({
      kind: 'publish_finished',
      job: 'job-1',
      version: null,
      error: wireError('binding.missing'),
      diagnostics: [],
    });
    expect(publish.error?.code).toBe('binding.missing');
    expect(publish.running).toBe(false);
    expect(live).toBe(0);
  });

  describe('stopped by lint', () => {
    const found = (rule: string, severity: Severity = 'error'): Diagnostic => ({
      rule,
      severity,
      message: 'm',
      help: null,
      file: 'src/adapter.ts',
      range: { start_line: 1, start_column: 1, end_line: 1, end_column: 2 },
    });

    async function refused(...diagnostics: Diagnostic[]): Promise<void> {
      await publish.start('');
      const error = wireError('lint.errors');
      backend.emit({ kind: 'publish_finished', job: 'job-1', version: null, error, diagnostics });
    }

    it('asks for a reason for each rule once, and publishes with all of them', async () => {
      await refused(found('no-eval'), found('no-undef'), found('no-eval'), found('bot-loop', 'warning'));
      expect(publish.allowable).toEqual(['no-eval', 'no-undef']);
      publish.reasons['no-eval'] = ' the runtime of this namespace allows it ';
      expect(publish.allowances(), 'one rule has no reason yet').toEqual([]);
      publish.reasons['no-undef'] = '   ';
      expect(publish.allowances(), 'blanks are no reason').toEqual([]);
      publish.reasons['no-undef'] = 'the platform declares it';
      const allowances = [
        { rule: 'no-eval', reason: 'the runtime of this namespace allows it' },
        { rule: 'no-undef', reason: 'the platform declares it' },
      ];
      expect(publish.allowances()).toEqual(allowances);
      await publish.start('note', publish.allowances());
      expect(backend.asked('publish_start').at(-1)).toMatchObject({ note: 'note', allowances });
    });

    it('keeps the reasons until a version is live, or another adapter is opened', async () => {
      await refused(found('no-eval'));
      publish.reasons['no-eval'] = 'a reason';
      await refused(found('no-eval'), found('no-undef'));
      expect(publish.reasons['no-eval']).toBe('a reason');
      await publish.start('');
      backend.emit({ kind: 'publish_finished', job: 'job-1', version: VERSION, error: null, diagnostics: [] });
      expect(publish.reasons).toEqual({});
      publish.reasons['no-eval'] = 'a reason';
      await publish.open({ tenant: 'a', adapter: 'other' }, 'production');
      expect(publish.reasons).toEqual({});
    });

    it('offers nothing for code that does not parse, or another failure', async () => {
      await refused(found('no-eval'), found('syntax'));
      expect(publish.allowable).toEqual([]);
      await publish.start('');
      const error = wireError('binding.missing');
      backend.emit({ kind: 'publish_finished', job: 'job-1', version: null, error, diagnostics: [found('no-eval')] });
      expect(publish.allowable).toEqual([]);
    });
  });

  it('asks the core to cancel and waits for its word', async () => {
    await publish.start('');
    await publish.cancel();
    expect(backend.asked('publish_cancel')).toEqual([{ job: 'job-1' }]);
    expect(publish.running).toBe(true);
    backend.emit({
      kind: 'publish_finished',
      job: 'job-1',
      version: null,
      error: wireError('publish.cancelled'),
      diagnostics: [],
    });
    expect(publish.running).toBe(false);
    expect(publish.cancelling).toBe(false);
  });

  it('does not start twice', async () => {
    await publish.start('');
    await publish.start('');
    expect(backend.asked('publish_start')).toHaveLength(1);
  });

  it('names the secrets that changed since the version it went back to', async () => {
    backend.on('version_rollback', () => ({ version: VERSION, secrets_changed_since: ['NOTION_TOKEN'] }));
    await publish.rollback(1);
    expect(publish.rolledBack?.secrets_changed_since).toEqual(['NOTION_TOKEN']);
    expect(live).toBe(1);
  });
});
