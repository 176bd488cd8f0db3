import { describe, expect, it } from 'vitest';
import type { AdapterDetail, WorkspaceOverview } from '../../ipc/generated/bindings';
import { ScriptedBackend, wireError } from '../../testing/scripted';
import { WorkspaceState } from './workspace.svelte';

const OVERVIEW: WorkspaceOverview = { path: '/w', name: 'w', tenants: [], warnings: [] };

describe('WorkspaceState', () => {
  it('has looked, and found no workspace, on the first run', async () => {
    const workspace = new WorkspaceState(new ScriptedBackend().on('workspace_overview', () => null));
    expect(workspace.loaded).toBe(false);
    await workspace.load();
    expect(workspace.loaded).toBe(true);
    expect(workspace.overview).toBeNull();
  });

  it('shows the demo workspace and tells whoever waits for one', async () => {
    const workspace = new WorkspaceState(new ScriptedBackend().on('workspace_create_demo', () => OVERVIEW));
    let told = 0;
    workspace.onOpened = () => (told += 1);
    await expect(workspace.createDemo()).resolves.toBe(true);
    expect(workspace.overview).toEqual(OVERVIEW);
    expect(told).toBe(1);
  });

  it('keeps what is open when another folder is no workspace', async () => {
    const backend = new ScriptedBackend()
      .on('workspace_create_demo', () => OVERVIEW)
      .on('workspace_open', () => {
        throw wireError('workspace.not_found');
      });
    const workspace = new WorkspaceState(backend);
    await workspace.createDemo();
    await expect(workspace.open('  /nowhere ')).resolves.toBe(false);
    expect(backend.asked('workspace_open')).toEqual([{ path: '/nowhere' }]);
    expect(workspace.overview).toEqual(OVERVIEW);
    expect(workspace.error?.code).toBe('workspace.not_found');
    expect(workspace.task).toBeNull();
  });

  it('gives the new adapter back, and nothing when it was refused', async () => {
    const key = { tenant: 'a', adapter: 'b' };
    const backend = new ScriptedBackend()
      .on('adapter_new', () => ({ key }) as AdapterDetail)
      .on('workspace_overview', () => OVERVIEW);
    const workspace = new WorkspaceState(backend);
    await expect(workspace.newAdapter(key, 'slack-to-notion')).resolves.toEqual(key);
    backend.on('adapter_new', () => {
      throw wireError('adapter.exists');
    });
    await expect(workspace.newAdapter(key, 'slack-to-notion')).resolves.toBeNull();
    expect(workspace.error?.code).toBe('adapter.exists');
  });
});
