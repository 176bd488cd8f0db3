import type { EventKind, EventOf } from './backend';
import type { AppEvent } from './generated/bindings';

/** Hands each event to the listeners of its kind. Both hosts keep one. */
export class Listeners {
  readonly #byKind = new Map<EventKind, Set<(event: AppEvent) => void>>();

  subscribe<K extends EventKind>(kind: K, listener: (event: EventOf<K>) => void): () => void {
    // The set of one kind only ever sees events of that kind, which the map's type cannot say.
    const general = listener as (event: AppEvent) => void;
    const listeners = this.#byKind.get(kind) ?? new Set();
    this.#byKind.set(kind, listeners.add(general));
    return () => listeners.delete(general);
  }

  emit(event: AppEvent): void {
    for (const listener of this.#byKind.get(event.kind) ?? []) listener(event);
  }
}
