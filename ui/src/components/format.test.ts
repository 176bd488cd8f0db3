import { describe, expect, it } from 'vitest';
import { formatBytes, formatMilliseconds, formatWhen } from './format';

describe('format', () => {
  it.each([
    [0.123, '0.12 ms'],
    [12.34, '12.3 ms'],
    [1234, '1.23 s'],
  ])('writes %d milliseconds as %s', (milliseconds, text) => {
    expect(formatMilliseconds(milliseconds)).toBe(text);
  });

  it.each([
    [512, '512 B'],
    [3500, '3.4 KiB'],
    [2_000_000, '1.9 MiB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('leaves what is no time as it is', () => {
    expect(formatWhen('yesterday')).toBe('yesterday');
  });
});
