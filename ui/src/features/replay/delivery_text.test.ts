import { describe, expect, it } from 'vitest';
import type { Trace } from '../../ipc/generated/bindings';
import { deliveryText, spread } from './delivery_text';

const body = (text: string, base64 = false) => ({ text, base64, bytes: text.length });
const TRACE = {
  response: {
    status: 200,
    headers: [
      ['X-B', '2'],
      ['a', '1'],
    ],
    body: body('{"ok":true}'),
  },
  outbound: [
    {
      request: { method: 'POST', url: 'https://api.example.com/', headers: [], body: body('plain') },
      response: { status: 0, headers: [], body: body('') },
      interruption: 'reset',
    },
  ],
  logs: [{ level: 'warn', message: 'slow', at_ms: 3 }],
  exceptions: [{ name: 'TypeError', message: 'no', stack: 'at src/adapter.ts:1' }],
} as unknown as Trace;

describe('deliveryText', () => {
  it('writes answer, calls and logs, each at its place', () => {
    expect(deliveryText(TRACE, 'all').split('\n')).toEqual([
      '── answer ──',
      '200',
      'a: 1',
      'x-b: 2',
      '',
      '{',
      '  "ok": true',
      '}',
      '',
      '── outbound ──',
      '1. POST https://api.example.com/',
      'plain',
      '→ reset',
      '',
      '',
      '',
      '── logs ──',
      'warn: slow',
      'TypeError: no',
      'at src/adapter.ts:1',
      '',
    ]);
  });

  it('writes one part alone', () => {
    expect(deliveryText({ ...TRACE, response: null }, 'answer')).toBe('── answer ──\nno answer\n');
  });
});

describe('spread', () => {
  it.each([
    ['{"a":[1,{"b":"x, {y}: \\""}],"c":{},"d":[]}'],
    ['[12345678901234567890,1e400,null]'],
    ['{"a":1,"a":2}'],
    ['{}'],
  ])('adds nothing but space to %s', (json) => {
    expect(spread(json).replaceAll(/\n\s*/g, '').replaceAll('": ', '":')).toBe(json);
  });

  it('puts each value on a line', () => {
    expect(spread('{"a":[1,2],"c":{}}')).toBe('{\n  "a": [\n    1,\n    2\n  ],\n  "c": {}\n}');
  });

  it('survives what only looks like JSON', () => {
    expect(spread('{"a": ]]] "unended')).toContain('unended');
  });
});
