import { describe, expect, it } from 'vitest';
import { scrollToRow, virtualWindow } from './virtual';

describe('virtualWindow', () => {
  it.each([
    ['the top', 100_000, 0, { start: 0, end: 32 }],
    ['the middle', 100_000, 1_500_000, { start: 49_988, end: 50_032 }],
    ['the end', 100_000, 2_999_400, { start: 99_968, end: 100_000 }],
    ['beyond the end of a list that became shorter', 5, 9_000, { start: 5, end: 5 }],
    ['nothing', 0, 0, { start: 0, end: 0 }],
  ])('shows %s', (_name, count, top, window) => {
    expect(virtualWindow(count, 30, top, 600)).toEqual(window);
  });
});

describe('scrollToRow', () => {
  it.each([
    [3, 90],
    [10, 300],
    [29, 300],
    [30, 330],
  ])('brings row %d into sight at %d', (index, top) => {
    expect(scrollToRow(index, 30, 300, 600)).toBe(top);
  });
});
