// Stands between a client and the platform, passes every byte on, and keeps what was asked and answered. Each client
// gets an address of its own, so that clients running side by side are told apart.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export class Relay {
  #server;
  #target;
  #lines = [];

  static async before(url) {
    const relay = new Relay();
    relay.#target = new URL(url);
    relay.#server = createServer((incoming, outgoing) => {
      relay.#pass(incoming, outgoing).catch((error) => outgoing.destroy(error));
    });
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  /**
   * An address for one client: `url`, and `calls`, every call it made so far in order.
   * `beforeCall(call)` is awaited before a call goes on to the platform.
   */
  line(beforeCall = () => undefined) {
    const line = { calls: [], beforeCall };
    const number = this.#lines.push(line) - 1;
    line.url = `http://127.0.0.1:${this.#server.address().port}/${number}${this.#target.pathname}`;
    return line;
  }

  async #pass(incoming, outgoing) {
    const [, number, path] = /^\/(\d+)(\/.*)$/.exec(incoming.url);
    const line = this.#lines[number];
    const body = await buffer(incoming);
    const call = {
      method: incoming.method,
      path: path.slice(this.#target.pathname.length),
      headers: incoming.headers,
      body,
    };
    line.calls.push(call);
    await line.beforeCall(call);
    const answer = await this.#forward(incoming, path, body);
    call.status = answer.statusCode;
    call.answerHeaders = answer.headers;
    call.answer = await buffer(answer);
    outgoing.writeHead(answer.statusCode, answer.rawHeaders).end(call.answer);
  }

  async #forward(incoming, path, body) {
    const { hostname, port } = this.#target;
    const onward = request({ hostname, port, path, method: incoming.method, headers: incoming.rawHeaders });
    onward.end(body);
    const [answer] = await once(onward, 'response');
    return answer;
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** `METHOD path` of every call, in order. */
export function asked(calls) {
  return calls.map(({ method, path }) => `${method} ${path}`);
}

/** The fields of a multipart body: text for a plain field, a `File` for a file. */
export function form({ headers, body }) {
  return new Response(body, { headers: { 'content-type': headers['content-type'] } }).formData();
}

/** The decoded `metadata` of an upload. */
export async function metadata(call) {
  const part = (await form(call)).get('metadata');
  return JSON.parse(typeof part === 'string' ? part : await part.text());
}
