import type { TreeRow } from '../../components/tree';
import type { Span, Trace, WireOutboundCall } from '../../ipc/generated/bindings';

/** One visible row of the waterfall. */
export interface SpanRow extends TreeRow {
  /** Index among the spans of the trace. */
  readonly index: number;
  readonly span: Span;
  /** Position among the rows of its parent, from 1, and how many those are. */
  readonly position: number;
  readonly size: number;
}

/** The rows of the spans, which come in the order of a walk through their tree; `folded` holds indices. */
export function spanRows(spans: readonly Span[], folded: ReadonlySet<number>): SpanRow[] {
  const rows: SpanRow[] = [];
  let foldedDepth = Infinity;
  for (const [index, span] of spans.entries()) {
    if (span.depth > foldedDepth) continue;
    const expandable = (spans[index + 1]?.depth ?? 0) > span.depth;
    const expanded = expandable && !folded.has(index);
    foldedDepth = expandable && !expanded ? span.depth : Infinity;
    const family = siblings(spans, index);
    const position = family.indexOf(index) + 1;
    rows.push({ index, span, level: span.depth + 1, expandable, expanded, position, size: family.length });
  }
  return rows;
}

function siblings(spans: readonly Span[], index: number): number[] {
  const depth = spans[index]?.depth ?? 0;
  const shallower = (span: Span): boolean => span.depth < depth;
  const start = spans.slice(0, index).findLastIndex(shallower) + 1;
  const end = spans.findIndex((span, at) => at > index && shallower(span));
  const found: number[] = [];
  for (let at = start; at < (end === -1 ? spans.length : end); at++) {
    if (spans[at]?.depth === depth) found.push(at);
  }
  return found;
}

/** The outbound call that a span stands for: both lists are in the order of the calls. */
export function callOf(trace: Trace, index: number): WireOutboundCall | null {
  if (trace.spans[index]?.kind !== 'outbound') return null;
  const before = trace.spans.slice(0, index).filter((span) => span.kind === 'outbound').length;
  return trace.outbound[before] ?? null;
}
