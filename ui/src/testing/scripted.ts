import type { Backend, EventKind, EventOf } from '../ipc/backend';
import type { AppEvent, CommandMap, ErrorCode, WireError } from '../ipc/generated/bindings';
import { Listeners } from '../ipc/listeners';

type Command = keyof CommandMap;
type Answer<C extends Command> = (request: CommandMap[C][0]) => CommandMap[C][1] | Promise<CommandMap[C][1]>;

/**
 * The other side of the wire for unit tests: each test says what a command answers, and can look at what was asked.
 * A command that nobody scripted rejects, as the real core does with one that it does not know.
 */
export class ScriptedBackend implements Backend {
  readonly requests: { command: string; request: unknown }[] = [];
  readonly #answers = new Map<string, (request: unknown) => unknown>();
  readonly #listeners = new Listeners();

  on<C extends Command>(command: C, answer: Answer<C>): this {
    this.#answers.set(command, answer as (request: unknown) => unknown);
    return this;
  }

  emit(event: AppEvent): void {
    this.#listeners.emit(event);
  }

  asked<C extends Command>(command: C): CommandMap[C][0][] {
    return this.requests.filter((each) => each.command === command).map((each) => each.request as CommandMap[C][0]);
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  async invoke(command: string, request: unknown): Promise<unknown> {
    this.requests.push({ command, request });
    const answer = this.#answers.get(command);
    if (!answer) throw wireError('usage.unknown_command', `There is no command \`${command}\``);
    return answer(request);
  }

  subscribe<K extends EventKind>(kind: K, listener: (event: EventOf<K>) => void): () => void {
    return this.#listeners.subscribe(kind, listener);
  }

  guardClose(): Promise<void> {
    return Promise.resolve();
  }
}

/** An error as the core sends it. */
export function wireError(code: ErrorCode, message = 'It did not go well'): WireError {
  return { code, message, causes: [], hints: [] };
}

/** A promise that a test settles when it wants to. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
