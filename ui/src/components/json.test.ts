import { describe, expect, it } from 'vitest';
import { JsonNumber, jsonRows, PAGE, parseJson } from './json';

const NONE = new Map<string, never>();
const ids = (value: unknown, folds: ReadonlyMap<string, boolean> = NONE) =>
  jsonRows(value, folds, NONE).map((row) => row.id);

describe('jsonRows', () => {
  it('shows names, kinds and what is inside, each with its place', () => {
    const rows = jsonRows(parseJson('{"a/b":[true,null],"c":"x","d":{}}'), NONE, NONE);
    expect(rows.map(({ id, level, kind, text }) => [id, level, kind, text])).toEqual([
      ['', 1, 'object', '3'],
      ['/a~1b', 2, 'array', '2'],
      ['/a~1b/0', 3, 'boolean', 'true'],
      ['/a~1b/1', 3, 'null', 'null'],
      ['/c', 2, 'string', '"x"'],
      ['/d', 2, 'object', '0'],
    ]);
    expect(rows.at(-1)).toMatchObject({ expandable: false, position: 3, size: 3 });
  });

  it('folds what a person folds, and what is deep or long from the start', () => {
    const deep = { a: { b: { c: { d: 1 } } } };
    expect(ids(deep)).toEqual(['', '/a', '/a/b', '/a/b/c']);
    expect(ids(deep, new Map([['/a', false]]))).toEqual(['', '/a']);
    expect(ids(deep, new Map([['/a/b/c', true]]))).toContain('/a/b/c/d');
    expect(ids({ long: Array.from({ length: 41 }) })).toEqual(['', '/long']);
  });

  it('shows a long list page by page', () => {
    const long = Array.from({ length: 250 }, (_, index) => String(index));
    const open = new Map([['', true]]);
    const first = jsonRows(long, open, NONE);
    expect(first).toHaveLength(1 + PAGE + 1);
    expect(first.at(-1)).toMatchObject({ id: '', kind: 'more', text: '150' });
    expect(jsonRows(long, open, new Map([['', 2 * PAGE]])).at(-1)).toMatchObject({ kind: 'more', text: '50' });
    expect(jsonRows(long, open, new Map([['', 3 * PAGE]])).at(-1)).toMatchObject({ kind: 'string', text: '"249"' });
  });

  it('keeps the digits of a number', () => {
    const rows = jsonRows({ id: new JsonNumber('12345678901234567890') }, NONE, NONE);
    expect(rows[1]).toMatchObject({ kind: 'number', text: '12345678901234567890' });
  });

  it('cuts a text that is very long', () => {
    expect(jsonRows(['x'.repeat(9000)], NONE, NONE)[1]?.text).toHaveLength(2001);
  });
});

describe('parseJson', () => {
  it.each(['plain', '"text"', '12', '{broken', '<b>no</b>', ''])('leaves %s alone', (text) => {
    expect(parseJson(text)).toBeUndefined();
  });
});
