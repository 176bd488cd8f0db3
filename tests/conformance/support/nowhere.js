// An HTTP proxy that lets nothing through and remembers who tried: every way out of this machine leads here.
import { once } from 'node:events';
import { createServer } from 'node:http';

export class Nowhere {
  #server;
  /** Addresses that somebody wanted to reach. */
  attempts = [];

  static async open() {
    const nowhere = new Nowhere();
    nowhere.#server = createServer((incoming, outgoing) => {
      nowhere.attempts.push(incoming.url);
      outgoing.writeHead(403).end();
    });
    nowhere.#server.on('connect', (incoming, socket) => {
      nowhere.attempts.push(incoming.url);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    nowhere.#server.listen(0, '127.0.0.1');
    await once(nowhere.#server, 'listening');
    return nowhere;
  }

  /** The environment that sends a client here for everything but this machine. */
  environment() {
    const url = `http://127.0.0.1:${this.#server.address().port}`;
    return {
      HTTP_PROXY: url,
      HTTPS_PROXY: url,
      http_proxy: url,
      https_proxy: url,
      NO_PROXY: '127.0.0.1,localhost',
      no_proxy: '127.0.0.1,localhost',
    };
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
