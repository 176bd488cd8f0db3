/** What the keyboard has to know of one visible row of a tree. */
export interface TreeRow {
  /** Depth, from 1. */
  readonly level: number;
  readonly expandable: boolean;
  readonly expanded: boolean;
}

/** What a key does: move to another row, or fold or unfold this one. */
export type TreeMove = { readonly kind: 'focus' | 'toggle'; readonly index: number };

/**
 * What a key means on row `index` of the visible rows, as WAI-ARIA's tree pattern says; `null` for a key that means
 * nothing there.
 */
export function treeMove(rows: readonly TreeRow[], index: number, key: string): TreeMove | null {
  const row = rows[index];
  if (!row) return null;
  const focus = (next: number): TreeMove | null => (rows[next] ? { kind: 'focus', index: next } : null);
  switch (key) {
    case 'ArrowDown':
      return focus(index + 1);
    case 'ArrowUp':
      return focus(index - 1);
    case 'Home':
      return focus(0);
    case 'End':
      return focus(rows.length - 1);
    case 'ArrowRight':
      if (!row.expandable) return null;
      return row.expanded ? focus(index + 1) : { kind: 'toggle', index };
    case 'ArrowLeft':
      if (row.expandable && row.expanded) return { kind: 'toggle', index };
      return focus(rows.slice(0, index).findLastIndex((above) => above.level < row.level));
    default:
      return null;
  }
}
