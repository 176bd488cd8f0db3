import type { Backend, EventKind, EventOf } from './backend';
import type { AppEvent } from './generated/bindings';
import { Listeners } from './listeners';

/** How long to wait before the event stream is opened again, in milliseconds. */
const RECONNECT_DELAY = 500;

/** The HTTP bridge: `POST /rpc/{command}` for commands, one stream of server-sent events for the rest. */
export class HttpBackend implements Backend {
  readonly #listeners = new Listeners();
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async connect(): Promise<void> {
    const stream = await this.#openEvents();
    void this.#follow(stream);
  }

  async invoke(command: string, request: unknown): Promise<unknown> {
    const response = await fetch(`/rpc/${command}`, {
      method: 'POST',
      headers: { ...this.#authorization(), 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    throw (answer as { error: unknown }).error;
  }

  subscribe<K extends EventKind>(kind: K, listener: (event: EventOf<K>) => void): () => void {
    return this.#listeners.subscribe(kind, listener);
  }

  guardClose(hasUnsaved: () => boolean): Promise<void> {
    window.addEventListener('beforeunload', (event) => {
      if (hasUnsaved()) event.preventDefault();
    });
    return Promise.resolve();
  }

  #authorization(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` };
  }

  // `EventSource` cannot send an authorization header, and a token in a URL ends up in logs.
  async #openEvents(): Promise<ReadableStream<Uint8Array>> {
    const response = await fetch('/events', { headers: this.#authorization() });
    if (!response.ok || !response.body) {
      throw new Error(`The bridge refused the event stream with status ${response.status}`);
    }
    return response.body;
  }

  async #follow(first: ReadableStream<Uint8Array>): Promise<void> {
    let stream: ReadableStream<Uint8Array> | null = first;
    for (;;) {
      try {
        stream ??= await this.#openEvents();
        for await (const event of readEvents(stream)) this.#listeners.emit(event);
      } catch (error) {
        console.error('The event stream broke and is opened again', error);
      }
      stream = null;
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_DELAY));
    }
  }
}

/** The token that the bridge wrote into the page, or the one a developer put into the address. */
export function bridgeToken(): string {
  const written = document.querySelector<HTMLMetaElement>('meta[name="patchbay-bridge-token"]')?.content;
  return written ?? new URLSearchParams(location.search).get('token') ?? '';
}

/** Reads server-sent events; each message's `data` lines hold one `AppEvent` as JSON. */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<AppEvent> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let pending = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    pending += decoder.decode(value, { stream: true }).replaceAll('\r\n', '\n');
    const messages = pending.split('\n\n');
    pending = messages.pop() ?? '';
    for (const message of messages) {
      const data = message
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice('data:'.length).trimStart())
        .join('\n');
      if (data) yield JSON.parse(data) as AppEvent;
    }
  }
}
