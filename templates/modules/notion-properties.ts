// From the field mapping to the properties of a Notion page.
// A plain text fills a text column, `Title` the page's title; other columns name their type.
import { misconfigured } from './errors';
import { type Entry, type Mapping, mapFields } from './mapping';

/** Notion's limits: 2000 characters in one piece of text, 100 pieces. */
const PIECE = 2000;
const PIECES = 100;

const builders: Record<string, (value: unknown) => object> = {
  title: (value) => ({ title: richText(String(value)) }),
  rich_text: (value) => ({ rich_text: richText(String(value)) }),
  number: (value) => ({ number: Number(value) }),
  checkbox: (value) => ({ checkbox: value === true || value === 'true' }),
  date: (value) => ({ date: { start: String(value) } }),
  url: (value) => ({ url: String(value) }),
  // Notion refuses commas in the name of an option.
  select: (value) => ({ select: { name: optionName(String(value)) } }),
  multi_select: (value) => ({
    multi_select: (Array.isArray(value) ? value.map(String) : String(value).split(','))
      .map((name) => name.trim())
      .filter(Boolean)
      .map((name) => ({ name: optionName(name) })),
  }),
};

/** Every mapped column that has a value. */
export function pageProperties(mapping: Mapping | undefined, document: object): Record<string, object> {
  const properties: Record<string, object> = {};
  for (const [column, value] of Object.entries(mapFields(mapping, document))) {
    const type = typeOf(column, mapping?.[column]);
    if (typeof value === 'object' && !(type === 'multi_select' && Array.isArray(value))) {
      throw misconfigured(`The mapping of "${column}" ends in a list or an object, not text`);
    }
    if (type === 'number' && !Number.isFinite(Number(value))) {
      throw misconfigured(`The mapping of "${column}" is a number column, but its value is not a number`);
    }
    // Notion knows the title column by the id `title`, whatever it is called in the table.
    properties[type === 'title' ? 'title' : column] = builders[type]?.(value) ?? {};
  }
  return properties;
}

/** The text column that holds `{event_id}` or what else tells an event again, so that a second one is found. */
export function eventColumn(mapping: Mapping | undefined, id = 'event_id'): string {
  const found = Object.entries(mapping ?? {}).find(([column, entry]) => {
    const expression = typeof entry === 'string' ? entry : entry.value;
    return typeOf(column, entry) === 'rich_text' && expression.replaceAll(' ', '') === `{${id}}`;
  });
  if (!found) {
    throw misconfigured(
      `The mapping has no text column for {${id}}; without it an event sent twice would make two pages`,
    );
  }
  return found[0];
}

function typeOf(column: string, entry: Entry | undefined): string {
  const type = typeof entry === 'object' ? entry.type : column === 'Title' ? 'title' : 'rich_text';
  if (type === undefined || !Object.hasOwn(builders, type)) {
    throw misconfigured(`The mapping of "${column}" needs a type: ${Object.keys(builders).join(', ')}`);
  }
  return type;
}

function richText(text: string): object[] {
  // Notion refuses NUL, and half a surrogate pair is not text.
  const clean = text.replaceAll('\0', '').toWellFormed();
  const pieces: object[] = [];
  for (let start = 0; start < clean.length && pieces.length < PIECES;) {
    let end = start + PIECE;
    // Do not cut between the two halves of a surrogate pair.
    if (/[\ud800-\udbff]/.test(clean.charAt(end - 1))) end -= 1;
    pieces.push({ text: { content: clean.slice(start, end) } });
    start = end;
  }
  return pieces;
}

function optionName(name: string): string {
  return Array.from(name.replaceAll(',', ' ')).slice(0, 100).join('');
}
