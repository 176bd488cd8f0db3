// From the field mapping to the fields of an Airtable record. A field without a type is text.
import { misconfigured } from './errors';
import { type Entry, type Mapping, mapFields } from './mapping';

/** Airtable's limit for a text, in characters. */
const LONGEST_TEXT = 100_000;
/** Types in the words of Airtable's own schema. */
const TEXTS = 'singleLineText multilineText richText email url phoneNumber singleSelect date dateTime'.split(' ');
const NUMBERS = 'number currency percent rating duration'.split(' ');
const LISTS = ['multipleSelects', 'multipleRecordLinks'];
const TYPES = [...TEXTS, ...NUMBERS, ...LISTS, 'checkbox'];

/** Every mapped field that has a value. */
export function recordFields(mapping: Mapping | undefined, document: object): Record<string, unknown> {
  const values = Object.entries(mapFields(mapping, document));
  return Object.fromEntries(
    values.map(([field, value]) => [field, cell(field, typeOf(field, mapping?.[field]), value)]),
  );
}

/** The text field that holds `{id}` or what else tells an event again: an upsert finds its record by it. */
export function keyField(mapping: Mapping | undefined, id: string): string {
  const found = Object.entries(mapping ?? {}).find(([field, entry]) => {
    const expression = typeof entry === 'string' ? entry : entry.value;
    return TEXTS.includes(typeOf(field, entry)) && expression.replaceAll(' ', '') === id;
  });
  if (!found) {
    throw misconfigured(
      `The mapping has no text field for ${id}; without it an event sent twice would make two records`,
    );
  }
  return found[0];
}

function typeOf(field: string, entry: Entry | undefined): string {
  const type = (typeof entry === 'object' ? entry.type : undefined) ?? 'multilineText';
  if (!TYPES.includes(type)) {
    throw misconfigured(`The mapping of "${field}" has the type "${type}"; use ${TYPES.join(', ')}`);
  }
  return type;
}

function cell(field: string, type: string, value: unknown): unknown {
  const isList = Array.isArray(value) && value.every((item) => typeof item !== 'object');
  if (typeof value === 'object' && !(isList && LISTS.includes(type))) {
    throw misconfigured(`The mapping of "${field}" ends in a list or an object, not text`);
  }
  if (LISTS.includes(type)) {
    const items = isList ? value : String(value).split(',');
    return items.map((item) => text(item).trim()).filter(Boolean);
  }
  if (type === 'checkbox') return value === true || value === 'true';
  if (!NUMBERS.includes(type)) return text(value);
  const number = typeof value === 'string' ? Number(value.trim() || Number.NaN) : Number(value);
  if (!Number.isFinite(number)) {
    throw misconfigured(`The mapping of "${field}" is a number field, but its value is not a number`);
  }
  return number;
}

/** Without NUL and halves of surrogate pairs, which are no text, and as long as Airtable takes it. */
function text(value: unknown): string {
  const clean = String(value).replaceAll('\0', '').toWellFormed();
  if (clean.length <= LONGEST_TEXT) return clean;
  const points = Array.from(clean.slice(0, 2 * LONGEST_TEXT + 2));
  return points.length <= LONGEST_TEXT ? clean : `${points.slice(0, LONGEST_TEXT - 1).join('')}…`;
}
