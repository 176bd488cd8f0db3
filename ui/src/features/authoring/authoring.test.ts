import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AdapterDetail, AdapterKey, LintReport } from '../../ipc/generated/bindings';
import { deferred, ScriptedBackend, wireError } from '../../testing/scripted';
import { AuthoringState, LINT_DELAY } from './authoring.svelte';

const KEY: AdapterKey = { tenant: 'customer-a', adapter: 'slack-to-notion' };
const OTHER: AdapterKey = { tenant: 'customer-a', adapter: 'other' };
const CLEAN: LintReport = { diagnostics: [], errors: 0, warnings: 0, files: 1 };

function detail(key: AdapterKey, text = 'old', revision = 'r1'): AdapterDetail {
  return {
    key,
    script: `${key.tenant}-${key.adapter}`,
    provider: null,
    entry: 'src/adapter.ts',
    files: [
      { path: 'adapter.toml', text: '', revision: 'm1' },
      { path: 'src/adapter.ts', text, revision },
    ],
    bindings: [],
    samples: [],
    env_types: '',
    warnings: [],
  };
}

function report(rule: string): LintReport {
  const range = { start_line: 1, start_column: 1, end_line: 1, end_column: 2 };
  const found = { rule, severity: 'error' as const, message: rule, help: null, file: 'src/adapter.ts', range };
  return { diagnostics: [found], errors: 1, warnings: 0, files: 1 };
}

describe('AuthoringState', () => {
  let backend: ScriptedBackend;
  let authoring: AuthoringState;

  beforeEach(() => {
    vi.useFakeTimers();
    backend = new ScriptedBackend()
      .on('adapter_read', (key) => detail(key))
      .on('adapter_lint', () => CLEAN)
      .on('file_write', ({ path }) => ({ path, revision: 'r2' }));
    authoring = new AuthoringState(backend);
  });

  afterEach(() => vi.useRealTimers());

  it('opens at the entry file and checks it at once', async () => {
    await authoring.open(KEY);
    expect(authoring.activePath).toBe('src/adapter.ts');
    expect(authoring.files.map((file) => file.path)).toEqual(['src/adapter.ts', 'adapter.toml']);
    expect(backend.asked('adapter_lint')).toEqual([{ ...KEY, overlays: [] }]);
  });

  it('checks once after typing rests, with the unsaved text', async () => {
    await authoring.open(KEY);
    authoring.edit('src/adapter.ts', 'n');
    await vi.advanceTimersByTimeAsync(LINT_DELAY - 1);
    authoring.edit('src/adapter.ts', 'ne');
    await vi.advanceTimersByTimeAsync(LINT_DELAY - 1);
    expect(backend.asked('adapter_lint')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(backend.asked('adapter_lint').slice(1)).toEqual([
      { ...KEY, overlays: [{ path: 'src/adapter.ts', text: 'ne' }] },
    ]);
  });

  it('ignores the answer to an older text', async () => {
    await authoring.open(KEY);
    const slow = deferred<LintReport>();
    backend.on('adapter_lint', () => slow.promise);
    const older = authoring.lintNow();
    backend.on('adapter_lint', () => report('newer'));
    await authoring.lintNow();
    slow.resolve(report('older'));
    await older;
    expect(authoring.diagnostics.map((found) => found.rule)).toEqual(['newer']);
  });

  it('saves with the revision that the text was edited from', async () => {
    await authoring.open(KEY);
    authoring.edit('src/adapter.ts', 'new');
    expect(authoring.unsavedFiles.map((file) => file.path)).toEqual(['src/adapter.ts']);
    await expect(authoring.saveAll()).resolves.toBe(true);
    expect(backend.asked('file_write')).toEqual([{ ...KEY, path: 'src/adapter.ts', text: 'new', revision: 'r1' }]);
    expect(authoring.unsavedFiles).toEqual([]);
    expect(authoring.active?.revision).toBe('r2');
  });

  it('stays unsaved when typing went on while it was written', async () => {
    await authoring.open(KEY);
    const slow = deferred<{ path: string; revision: string }>();
    backend.on('file_write', () => slow.promise);
    authoring.edit('src/adapter.ts', 'one');
    const saving = authoring.saveAll();
    authoring.edit('src/adapter.ts', 'one two');
    slow.resolve({ path: 'src/adapter.ts', revision: 'r2' });
    await saving;
    expect(authoring.active?.unsaved).toBe(true);
  });

  describe('when the file changed on disk', () => {
    beforeEach(async () => {
      await authoring.open(KEY);
      backend
        .on('file_write', () => {
          throw wireError('workspace.conflict');
        })
        .on('adapter_read', (key) => detail(key, 'theirs', 'r9'));
      authoring.edit('src/adapter.ts', 'mine');
      await expect(authoring.saveAll()).resolves.toBe(false);
    });

    it('asks which text to keep and shows no error beside it', () => {
      expect(authoring.conflict).toMatchObject({ path: 'src/adapter.ts', onDisk: { text: 'theirs' } });
      expect(authoring.error).toBeNull();
      expect(authoring.active?.text).toBe('mine');
    });

    it('writes mine over theirs only with the revision that was looked at', async () => {
      backend.on('file_write', ({ path }) => ({ path, revision: 'r10' }));
      await authoring.resolveConflict('mine');
      expect(backend.asked('file_write').at(-1)).toMatchObject({ text: 'mine', revision: 'r9' });
      expect(authoring.active?.unsaved).toBe(false);
      expect(authoring.conflict).toBeNull();
    });

    it('takes theirs', async () => {
      await authoring.resolveConflict('disk');
      expect(authoring.active).toMatchObject({ text: 'theirs', revision: 'r9', unsaved: false });
    });
  });

  it('keeps unsaved text while another adapter is looked at', async () => {
    await authoring.open(KEY);
    authoring.edit('src/adapter.ts', 'mine');
    await authoring.open(OTHER);
    expect(authoring.active?.text).toBe('old');
    expect(authoring.everythingUnsaved).toEqual(['customer-a/slack-to-notion/src/adapter.ts']);
    await authoring.open(KEY);
    expect(authoring.active?.text).toBe('mine');
    await authoring.open(OTHER);
    await expect(authoring.saveEverything()).resolves.toBe(true);
    expect(backend.asked('file_write')).toMatchObject([{ ...KEY, text: 'mine' }]);
    expect(authoring.everythingUnsaved).toEqual([]);
  });

  it('shows the adapter that was opened last, whichever is read first', async () => {
    const slow = deferred<AdapterDetail>();
    backend.on('adapter_read', (key) => (key.adapter === OTHER.adapter ? detail(key) : slow.promise));
    const first = authoring.open(KEY);
    await authoring.open(OTHER);
    slow.resolve(detail(KEY));
    await first;
    expect(authoring.key).toEqual(OTHER);
  });

  it('says why a broken adapter cannot be opened', async () => {
    backend.on('adapter_read', () => {
      throw wireError('workspace.broken_file');
    });
    await authoring.open(KEY);
    expect(authoring.error?.code).toBe('workspace.broken_file');
    expect(authoring.detail).toBeNull();
    expect(authoring.loading).toBe(false);
  });
});
