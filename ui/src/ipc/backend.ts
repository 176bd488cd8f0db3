import type { AppEvent } from './generated/bindings';

/** One kind of event, `publish_progressed`. */
export type EventKind = AppEvent['kind'];

/** The event of one kind, with its fields. */
export type EventOf<K extends EventKind> = Extract<AppEvent, { kind: K }>;

/**
 * What a host must provide. Two hosts do: the desktop window (`tauri.ts`) and the HTTP bridge (`http.ts`). Everything
 * above this interface is the same in both, so that a browser test drives what a person uses.
 */
export interface Backend {
  /**
   * Opens the channel of events. Nothing may be sent before this has resolved: the first steps of a publish can arrive
   * sooner than the answer that names the job.
   */
  connect(): Promise<void>;
  /** Runs one command. Rejects with whatever the host gave; only `call.ts` turns that into an `IpcError`. */
  invoke(command: string, request: unknown): Promise<unknown>;
  /** Listens to one kind of event; the function that comes back stops it. */
  subscribe<K extends EventKind>(kind: K, listener: (event: EventOf<K>) => void): () => void;
  /**
   * Guards the window against closing: when `hasUnsaved` says so, the host asks `mayClose` or, where it cannot wait for
   * an answer, shows its own question.
   */
  guardClose(hasUnsaved: () => boolean, mayClose: () => Promise<boolean>): Promise<void>;
}
