import type { Backend } from '../../ipc/backend';
import { call, toIpcError, type IpcError } from '../../ipc/call';
import type { AdapterKey, BindingStatus } from '../../ipc/generated/bindings';
import { strings } from '../../strings';

/**
 * The bindings of one adapter. A secret's value passes through `set` on its way to the core; it is an argument and
 * nothing more, no field here ever holds one.
 */
export class SecretsState {
  bindings = $state.raw<BindingStatus[]>([]);
  /** Name of the binding that is being changed. */
  busy = $state<string | null>(null);
  /** What was done last, for a screen reader as much as for the eye. */
  done = $state('');
  error = $state.raw<IpcError | null>(null);
  /** The binding that the error is about; `null` for the list itself. */
  errorName = $state<string | null>(null);

  readonly #backend: Backend;
  #key: AdapterKey | null = null;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Required bindings without a value: a publish would stop at them. */
  get missing(): BindingStatus[] {
    return this.bindings.filter((binding) => binding.required && !binding.set);
  }

  async open(key: AdapterKey): Promise<void> {
    const changed = this.#key?.tenant !== key.tenant || this.#key.adapter !== key.adapter;
    this.#key = key;
    if (changed) {
      this.bindings = [];
      this.done = '';
    }
    this.error = null;
    this.errorName = null;
    try {
      const { bindings } = await call(this.#backend, 'secret_list', key);
      if (this.#key === key) this.bindings = bindings;
    } catch (reason) {
      if (this.#key === key) this.error = toIpcError(reason);
    }
  }

  set(name: string, value: string): Promise<boolean> {
    return this.#change(name, strings.secrets.stored(name), async (key) => {
      return (await call(this.#backend, 'secret_set', { ...key, name, value })).bindings;
    });
  }

  delete(name: string): Promise<boolean> {
    return this.#change(name, strings.secrets.deleted(name), async (key) => {
      return (await call(this.#backend, 'secret_delete', { ...key, name })).bindings;
    });
  }

  async #change(name: string, done: string, work: (key: AdapterKey) => Promise<BindingStatus[]>): Promise<boolean> {
    const key = this.#key;
    if (!key) return false;
    this.busy = name;
    this.error = null;
    this.errorName = null;
    this.done = '';
    try {
      const bindings = await work(key);
      if (this.#key === key) {
        this.bindings = bindings;
        this.done = done;
      }
      return true;
    } catch (reason) {
      this.error = toIpcError(reason);
      this.errorName = name;
      return false;
    } finally {
      this.busy = null;
    }
  }
}
