import type { Backend } from '../../ipc/backend';
import { call, toIpcError, type IpcError } from '../../ipc/call';
import type { RouteDecision } from '../../ipc/generated/bindings';

/** Asks the dispatcher's own code what it would do with a request. */
export class RoutesState {
  testing = $state(false);
  decision = $state.raw<RouteDecision | null>(null);
  error = $state.raw<IpcError | null>(null);

  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async test(url: string, headerLines: string): Promise<void> {
    this.testing = true;
    this.error = null;
    this.decision = null;
    try {
      this.decision = await call(this.#backend, 'route_test', { url: url.trim(), headers: parseHeaders(headerLines) });
    } catch (reason) {
      this.error = toIpcError(reason);
    } finally {
      this.testing = false;
    }
  }
}

/** `name: value` lines as pairs. A line without a colon is kept as a name, so that the core can refuse it by name. */
export function parseHeaders(lines: string): [string, string][] {
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [line, ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    });
}
