/** A place in an adapter's files. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A piece of text, and the place that it names. */
export interface TextPart {
  readonly text: string;
  readonly place: Place | null;
}

// `src/adapter.ts:12:7`, in the stacks that the core has led back to the author's files.
const NAMED = /((?:[\w.-]+\/)*[\w.-]+\.(?:[cm]?[jt]sx?)):(\d{1,7})(?::(\d{1,7}))?/g;

/** Cuts a text where it names places; the parts together are the text. */
export function findPlaces(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const found of text.matchAll(NAMED)) {
    const [whole, file = '', line, column] = found;
    if (found.index > end) parts.push({ text: text.slice(end, found.index), place: null });
    parts.push({ text: whole, place: { file, line: Number(line), column: Number(column ?? 1) } });
    end = found.index + whole.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), place: null });
  return parts;
}
