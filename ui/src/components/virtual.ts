/** The part of a long list of rows of one height that has to be on the page. */
export interface VirtualWindow {
  /** First row, and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/** Rows above and below what is seen, so that a quick turn of the wheel meets rows and not emptiness. */
const MARGIN = 12;

/** Which of `count` rows are on the page; all lengths in pixels. */
export function virtualWindow(count: number, rowHeight: number, top: number, height: number): VirtualWindow {
  const first = Math.floor(top / rowHeight) - MARGIN;
  const last = Math.ceil((top + height) / rowHeight) + MARGIN;
  const start = Math.min(Math.max(0, first), count);
  return { start, end: Math.max(start, Math.min(count, last)) };
}

/** Where to scroll so that row `index` is seen whole; where it is seen, nowhere. */
export function scrollToRow(index: number, rowHeight: number, top: number, height: number): number {
  const rowTop = index * rowHeight;
  if (rowTop < top) return rowTop;
  return rowTop + rowHeight > top + height ? rowTop + rowHeight - height : top;
}
