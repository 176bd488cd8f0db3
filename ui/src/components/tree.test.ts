import { describe, expect, it } from 'vitest';
import { treeMove, type TreeRow } from './tree';

const row = (level: number, fold?: 'open' | 'closed'): TreeRow => ({
  level,
  expandable: fold !== undefined,
  expanded: fold === 'open',
});
const ROWS = [row(1, 'open'), row(2), row(2, 'open'), row(3), row(2, 'closed')];

describe('treeMove', () => {
  it.each([
    [0, 'ArrowDown', 'focus', 1],
    [3, 'ArrowUp', 'focus', 2],
    [3, 'Home', 'focus', 0],
    [0, 'End', 'focus', 4],
    [4, 'ArrowRight', 'toggle', 4],
    [2, 'ArrowRight', 'focus', 3],
    [2, 'ArrowLeft', 'toggle', 2],
    [3, 'ArrowLeft', 'focus', 2],
    [4, 'ArrowLeft', 'focus', 0],
  ] as const)('on row %d %s means %s %d', (index, key, kind, to) => {
    expect(treeMove(ROWS, index, key)).toEqual({ kind, index: to });
  });

  it.each([
    [4, 'ArrowDown'],
    [0, 'ArrowUp'],
    [1, 'ArrowRight'],
    [0, 'x'],
    [9, 'Home'],
  ] as const)('on row %d %s means nothing', (index, key) => {
    expect(treeMove(ROWS, index, key)).toBeNull();
  });
});
