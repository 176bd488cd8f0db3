import { describe, expect, it } from 'vitest';
import type { PlatformStatus } from '../../ipc/generated/bindings';
import { ScriptedBackend, wireError } from '../../testing/scripted';
import { PlatformState } from './platform.svelte';

const RUNNING: PlatformStatus = { running: true, own: true, pid: 7, api_url: 'http://a', dispatcher_url: 'http://d' };

describe('PlatformState', () => {
  it('follows what the core says about the platform', () => {
    const backend = new ScriptedBackend();
    const platform = new PlatformState(backend);
    backend.emit({ kind: 'platform_changed', ...RUNNING });
    expect(platform.status).toEqual(RUNNING);
    backend.emit({ kind: 'platform_changed', ...RUNNING, running: false });
    expect(platform.status?.running).toBe(false);
  });

  it('says why it could not start', async () => {
    const backend = new ScriptedBackend().on('platform_start', () => {
      throw wireError('platform.port_in_use');
    });
    const platform = new PlatformState(backend);
    await platform.start();
    expect(platform.error?.code).toBe('platform.port_in_use');
    expect(platform.starting).toBe(false);
  });
});
