/** JSON as a tree of rows. Numbers keep their digits: the ids of some senders have more than a double can hold. */

/** A number as it was written. */
export class JsonNumber {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** One visible row. */
export interface JsonRow {
  /** Place in the document, a JSON pointer; the same for as long as the document is. */
  readonly id: string;
  /** Depth, from 1. */
  readonly level: number;
  /** Name in its object, index in its list, `null` for the document itself. */
  readonly name: string | null;
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' | 'more';
  /** The value as JSON, cut where it is long; of objects and lists, how much is in them. For `more` the rows left. */
  readonly text: string;
  readonly expandable: boolean;
  readonly expanded: boolean;
  /** Position among the rows of its parent, from 1, and how many those are. */
  readonly position: number;
  readonly size: number;
}

/** Rows of one object or list that are shown before somebody asks for more. */
export const PAGE = 100;

/** Characters of a text that are shown in its row. */
const LONGEST_TEXT = 2000;

/** What is unfolded without being asked: so deep, if it is not longer than this. */
const OPEN_LEVELS = 3;
const OPEN_LENGTH = 40;

/** Reads JSON that is an object or a list; `undefined` for everything else. */
export function parseJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text, keepDigits);
  } catch {
    return undefined;
  }
}

// Engines without the third argument round as they always did.
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' ? new JsonNumber(context?.source ?? String(value)) : value;
}

/** The rows to show. `folds` says what a person folded or unfolded, `pages` how many rows of a long list they asked for. */
export function jsonRows(
  document: unknown,
  folds: ReadonlyMap<string, boolean>,
  pages: ReadonlyMap<string, number>,
): JsonRow[] {
  const rows: JsonRow[] = [];

  function add(value: unknown, id: string, name: string | null, level: number, position: number, size: number): void {
    const children = entries(value);
    if (children === null) {
      rows.push({ id, level, name, ...scalar(value), expandable: false, expanded: false, position, size });
      return;
    }
    const expandable = children.length > 0;
    const expanded = expandable && (folds.get(id) ?? (level <= OPEN_LEVELS && children.length <= OPEN_LENGTH));
    const kind = Array.isArray(value) ? 'array' : 'object';
    rows.push({ id, level, name, kind, text: String(children.length), expandable, expanded, position, size });
    if (!expanded) return;
    const shown = pages.get(id) ?? PAGE;
    const left = children.length - shown;
    const below = Math.min(children.length, shown) + (left > 0 ? 1 : 0);
    for (const [index, [key, child]] of children.slice(0, shown).entries()) {
      add(child, `${id}/${pointer(key)}`, key, level + 1, index + 1, below);
    }
    if (left > 0) {
      const more = { id, level: level + 1, name: null, kind: 'more', text: String(left) } as const;
      rows.push({ ...more, expandable: false, expanded: false, position: below, size: below });
    }
  }

  add(document, '', null, 1, 1, 1);
  return rows;
}

function entries(value: unknown): [string, unknown][] | null {
  if (Array.isArray(value)) return value.map((child, index) => [String(index), child]);
  if (typeof value !== 'object' || value === null || value instanceof JsonNumber) return null;
  return Object.entries(value);
}

function scalar(value: unknown): Pick<JsonRow, 'kind' | 'text'> {
  if (typeof value === 'string') {
    const whole = JSON.stringify(value);
    return { kind: 'string', text: whole.length > LONGEST_TEXT ? `${whole.slice(0, LONGEST_TEXT)}…` : whole };
  }
  if (typeof value === 'boolean') return { kind: 'boolean', text: String(value) };
  if (value === null || value === undefined) return { kind: 'null', text: 'null' };
  return { kind: 'number', text: String(value) };
}

function pointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
