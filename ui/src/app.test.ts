import { describe, expect, it } from 'vitest';
import { AppState } from './app.svelte';
import type { AdapterDetail, AdapterKey, PlatformStatus, WorkspaceOverview } from './ipc/generated/bindings';
import { ScriptedBackend, wireError } from './testing/scripted';

const KEY: AdapterKey = { tenant: 'a', adapter: 'b' };
const RUNNING: PlatformStatus = { running: true, own: true, pid: 7, api_url: 'http://a', dispatcher_url: 'http://d' };
const STOPPED: PlatformStatus = { running: false, own: false, pid: null, api_url: null, dispatcher_url: null };
const OVERVIEW: WorkspaceOverview = { path: '/w', name: 'w', tenants: [], warnings: [] };

function detail(key: AdapterKey): AdapterDetail {
  return {
    key,
    script: 'a-b',
    provider: null,
    entry: 'src/adapter.ts',
    files: [{ path: 'src/adapter.ts', text: 'old', revision: 'r1' }],
    bindings: [],
    samples: [{ name: 's', provider: 'slack', event: 'e', description: '', has_expectation: false }],
    env_types: '',
    warnings: [],
  };
}

function backend(): ScriptedBackend {
  return new ScriptedBackend()
    .on('workspace_overview', () => OVERVIEW)
    .on('platform_status', () => STOPPED)
    .on('platform_start', () => RUNNING)
    .on('adapter_read', detail)
    .on('adapter_lint', () => ({ diagnostics: [], errors: 0, warnings: 0, files: 1 }))
    .on('secret_list', () => ({ bindings: [] }))
    .on('version_list', () => ({ versions: [] }))
    .on('replay_list', () => ({ deliveries: [] }))
    .on('file_write', ({ path }) => ({ path, revision: 'r2' }))
    .on('publish_start', () => ({ job: 'j' }));
}

describe('AppState', () => {
  it('starts the platform once a workspace is open, not before', async () => {
    const core = backend().on('workspace_overview', () => null);
    const app = new AppState(core);
    await app.start();
    expect(core.asked('platform_start')).toEqual([]);
    core.on('workspace_create_demo', () => OVERVIEW);
    await app.workspace.createDemo();
    await expect.poll(() => app.platform.status).toEqual(RUNNING);
  });

  it('opens every tool on the adapter', async () => {
    const app = new AppState(backend());
    await app.start();
    await app.openAdapter(KEY);
    expect(app.adapter).toEqual(KEY);
    expect(app.replay.sample).toBe('s');
  });

  it('writes unsaved files before it publishes them', async () => {
    const core = backend();
    const app = new AppState(core);
    await app.openAdapter(KEY);
    app.authoring.edit('src/adapter.ts', 'new');
    await app.startPublish('');
    const order = core.requests.map((each) => each.command).filter((name) => /file_write|publish_start/.test(name));
    expect(order).toEqual(['file_write', 'publish_start']);
  });

  it('does not publish what could not be written', async () => {
    const core = backend().on('file_write', () => {
      throw wireError('workspace.storage');
    });
    const app = new AppState(core);
    await app.openAdapter(KEY);
    app.authoring.edit('src/adapter.ts', 'new');
    await app.startPublish('');
    expect(core.asked('publish_start')).toEqual([]);
    expect(app.authoring.error?.code).toBe('workspace.storage');
  });
});
