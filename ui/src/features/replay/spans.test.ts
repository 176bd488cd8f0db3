import { describe, expect, it } from 'vitest';
import type { Span, Trace, WireOutboundCall } from '../../ipc/generated/bindings';
import { callOf, spanRows } from './spans';

const span = (kind: string, depth: number): Span => ({ kind, label: kind, depth, start_ms: 0, duration_ms: 1 });
const SPANS = [span('delivery', 0), span('dispatch', 1), span('adapter', 1), span('outbound', 2), span('outbound', 2)];

describe('spanRows', () => {
  it('says of each row where it stands', () => {
    const rows = spanRows(SPANS, new Set());
    expect(rows.map(({ level, expandable, position, size }) => [level, expandable, position, size])).toEqual([
      [1, true, 1, 1],
      [2, false, 1, 2],
      [2, true, 2, 2],
      [3, false, 1, 2],
      [3, false, 2, 2],
    ]);
  });

  it('hides what is below a folded row', () => {
    expect(spanRows(SPANS, new Set([2])).map((row) => row.index)).toEqual([0, 1, 2]);
    expect(spanRows(SPANS, new Set([0, 2])).map((row) => row.index)).toEqual([0]);
  });
});

describe('callOf', () => {
  const calls = ['a', 'b'].map((url) => ({ request: { url } }) as WireOutboundCall);
  const trace = { spans: SPANS, outbound: calls } as Trace;

  it('finds the call of a span', () => {
    expect(callOf(trace, 4)?.request.url).toBe('b');
  });

  it('finds none for what is no call', () => {
    expect(callOf(trace, 2)).toBeNull();
  });
});
