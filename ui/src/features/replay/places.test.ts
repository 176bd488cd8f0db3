import { describe, expect, it } from 'vitest';
import { findPlaces } from './places';

describe('findPlaces', () => {
  it('finds the places that a stack names and loses no text', () => {
    const stack = 'TypeError: no\n    at map (src/lib/map.ts:3:9)\n    at src/adapter.mjs:12';
    const parts = findPlaces(stack);
    expect(parts.flatMap(({ place }) => place ?? [])).toEqual([
      { file: 'src/lib/map.ts', line: 3, column: 9 },
      { file: 'src/adapter.mjs', line: 12, column: 1 },
    ]);
    expect(parts.map(({ text }) => text).join('')).toBe(stack);
  });

  it('takes times and addresses for what they are', () => {
    const text = 'at 12:30:05 from https://api.example.com:443/v1';
    expect(findPlaces(text)).toEqual([{ text, place: null }]);
  });
});
