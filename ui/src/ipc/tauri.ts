import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWindow } from '@tauri-apps/api/window';
import type { Backend, EventKind, EventOf } from './backend';
import type { AppEvent } from './generated/bindings';
import { Listeners } from './listeners';

/** The desktop window: one Tauri command and one Tauri event carry everything. */
export class TauriBackend implements Backend {
  readonly #listeners = new Listeners();

  async connect(): Promise<void> {
    await listen<AppEvent>('app_event', ({ payload }) => this.#listeners.emit(payload));
  }

  invoke(command: string, request: unknown): Promise<unknown> {
    return invoke('rpc', { command, payload: request });
  }

  subscribe<K extends EventKind>(kind: K, listener: (event: EventOf<K>) => void): () => void {
    return this.#listeners.subscribe(kind, listener);
  }

  async guardClose(hasUnsaved: () => boolean, mayClose: () => Promise<boolean>): Promise<void> {
    const window = getCurrentWindow();
    await window.onCloseRequested(async (request) => {
      if (!hasUnsaved()) return;
      request.preventDefault();
      if (await mayClose()) await window.destroy();
    });
  }
}
