import type { Backend } from '../../ipc/backend';
import { call, toIpcError, type IpcError } from '../../ipc/call';
import type { PlatformStatus } from '../../ipc/generated/bindings';

/** The embedded platform as the core sees it; its changes arrive without being asked for. */
export class PlatformState {
  status = $state.raw<PlatformStatus | null>(null);
  starting = $state(false);
  error = $state.raw<IpcError | null>(null);

  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.subscribe('platform_changed', ({ running, own, pid, api_url, dispatcher_url }) => {
      this.status = { running, own, pid, api_url, dispatcher_url };
    });
  }

  async load(): Promise<void> {
    try {
      this.status = await call(this.#backend, 'platform_status', null);
    } catch (reason) {
      this.error = toIpcError(reason);
    }
  }

  async start(): Promise<void> {
    this.starting = true;
    this.error = null;
    try {
      this.status = await call(this.#backend, 'platform_start', null);
    } catch (reason) {
      this.error = toIpcError(reason);
    } finally {
      this.starting = false;
    }
  }
}
