import type { Backend } from './backend';

/** The host that this page runs in. The other one's code is not loaded. */
export async function openBackend(): Promise<Backend> {
  if ('__TAURI_INTERNALS__' in window) {
    const { TauriBackend } = await import('./tauri');
    return new TauriBackend();
  }
  const { HttpBackend, bridgeToken } = await import('./http');
  return new HttpBackend(bridgeToken());
}
