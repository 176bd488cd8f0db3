import { describe, expect, it } from 'vitest';
import { hexDump, readBody } from './body';

const body = (text: string, base64 = false) => ({ text, base64, bytes: text.length });
const FORM = [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']] as const;

describe('readBody', () => {
  it('reads JSON whatever its header says', () => {
    expect(readBody(body('{"a":"b"}'), [])).toEqual({ kind: 'json', value: { a: 'b' } });
  });

  it('reads a form, also one whose payload is JSON or comes twice', () => {
    const text = `payload=${encodeURIComponent('{"type":"block"}')}&tag=a&tag=b+c`;
    expect(readBody(body(text), FORM)).toEqual({
      kind: 'form',
      value: { payload: { type: 'block' }, tag: ['a', 'b c'] },
    });
  });

  it('shows bytes as bytes', () => {
    const look = readBody(body(btoa('\u0089PNG\u0000'), true), []);
    expect(look).toMatchObject({ kind: 'bytes', cut: false });
    expect(look.kind === 'bytes' && look.dump).toContain('89 50 4e 47 00');
  });

  it('says when there is more than it shows', () => {
    expect(readBody(body(btoa('x'.repeat(1025)), true), [])).toMatchObject({ kind: 'bytes', cut: true });
  });

  it.each(['<b>markup</b>', '{broken', 'a=b'])('leaves %s text', (text) => {
    expect(readBody(body(text), [])).toEqual({ kind: 'text' });
  });

  it('knows that nothing is nothing', () => {
    expect(readBody(body(''), FORM)).toEqual({ kind: 'none' });
  });
});

describe('hexDump', () => {
  it('writes sixteen bytes a line', () => {
    const lines = hexDump(new TextEncoder().encode('0123456789abcdefg')).split('\n');
    expect(lines).toEqual([
      '000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef',
      `000010  67${' '.repeat(45)}  g`,
    ]);
  });
});
