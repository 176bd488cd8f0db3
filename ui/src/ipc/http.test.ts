import { describe, expect, it } from 'vitest';
import type { AppEvent } from './generated/bindings';
import { readEvents } from './http';

async function read(...chunks: string[]): Promise<AppEvent[]> {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  const events: AppEvent[] = [];
  for await (const event of readEvents(stream)) events.push(event);
  return events;
}

const PROGRESS: AppEvent = {
  kind: 'publish_progressed',
  job: '1',
  step: 'lint',
  state: 'started',
  message: 'ä → 🚀',
  duration_ms: null,
};

describe('readEvents', () => {
  it('reads messages that are cut anywhere', async () => {
    const text = `data: ${JSON.stringify(PROGRESS)}\n\n`;
    for (let cut = 1; cut < text.length; cut += 7) {
      expect(await read(text.slice(0, cut), text.slice(cut) + text)).toEqual([PROGRESS, PROGRESS]);
    }
  });

  it('reads line ends of either kind and passes comments over', async () => {
    expect(await read(':keep-alive\r\n\r\n', `data: ${JSON.stringify(PROGRESS)}\r\n\r\n`)).toEqual([PROGRESS]);
  });

  it('gives nothing for a message that never ended', async () => {
    expect(await read(`data: ${JSON.stringify(PROGRESS)}`)).toEqual([]);
  });
});
