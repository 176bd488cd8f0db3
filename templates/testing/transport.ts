// Bodies on unusual ways.

/** The text as a sender that compresses would send it. */
export async function gzipped(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const compressed = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
}

/** A POST whose body comes byte by byte, without a length. */
export function inPieces(bytes: Uint8Array, headers: Record<string, string>): Request {
  const body = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, headers, duplex: 'half' };
  return new Request('https://x.example/', init);
}
