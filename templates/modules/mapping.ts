// Expressions of the field mapping: `[{event.channel}] {event.text | truncate:120}`. MAPPING.md has the grammar.
import { misconfigured } from './errors';
import { type Context, apply, asText, isEmpty, lookUp, readPath } from './mapping-steps';
import { type Expression, Misfit, type Step, pieces } from './mapping-syntax';

export type Scalar = string | number | boolean;
/** A field of the mapping, as it stands in `adapter.toml`. */
export type Entry =
  string | { value: string; type?: string; required?: boolean; default?: Scalar; lookup?: Record<string, Scalar> };
/** Field of the upstream → what goes into it. */
export type Mapping = Record<string, Entry>;

const KEYS = ['value', 'type', 'required', 'default', 'lookup'];

/**
 * The value of a field for this document; `""` when there is none. An expression that is a single `{…}` keeps the type
 * of what it finds; every other is text. `field` names the mapping's entry in errors.
 */
export function evaluate(field: string, entry: Entry, document: object): unknown {
  try {
    return evaluated(normalised(entry), document);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw misconfigured(`The mapping of "${field}" ${error.message}`);
  }
}

/** Every field of the mapping that has a value, by its name. */
export function mapFields(mapping: Mapping | undefined, document: object): Record<string, unknown> {
  if (!mapping) throw misconfigured('MAPPING is not set; adapter.toml needs a [mapping]');
  const values = Object.entries(mapping).map(([field, entry]) => [field, evaluate(field, entry, document)] as const);
  return Object.fromEntries(values.filter(([, value]) => !isEmpty(value)));
}

function evaluated(entry: Exclude<Entry, string>, document: object): unknown {
  const expression = pieces(entry.value);
  const context = { document, lookup: entry.lookup };
  let value = valueOf(expression, context);
  const looksUpItself = expression.some((piece) => typeof piece === 'object' && piece.steps.some(isLookup));
  if (entry.lookup && !looksUpItself) value = lookUp(value, entry.lookup);
  if (isEmpty(value)) value = entry.default ?? value;
  if (value === undefined && entry.required !== false) throw missing(expression, context);
  if (isEmpty(value) && entry.required) {
    throw new Misfit('is required, but its value is empty; correct the expression, or give it a default');
  }
  return value ?? '';
}

const isLookup = (step: Step) => step.name === 'lookup';

function valueOf(expression: Expression, context: Context): unknown {
  const values = expression.map((piece) => (typeof piece === 'string' ? piece : apply(piece, context)));
  if (values.length === 1) return values[0];
  if (values.includes(undefined)) return undefined;
  const texts = values.map((value, index) => {
    const piece = expression[index];
    return typeof piece === 'object' ? piece.explain(() => asText(value)) : asText(value);
  });
  return texts.join('');
}

/** Names the first placeholder that found nothing. */
function missing(expression: Expression, context: Context): Misfit {
  const found = expression.find((piece) => typeof piece === 'object' && apply(piece, context) === undefined);
  if (typeof found !== 'object') return new Misfit('has no value');
  const isThere = readPath(found.path, context.document) !== undefined;
  const advice = 'or add | default:"" if only some events have it';
  return isThere
    ? new Misfit(`finds nothing with {${found.source}}; correct the expression, ${advice}`)
    : new Misfit(`reads {${found.path.source}}, which this event does not have; correct the name, ${advice}`);
}

function normalised(entry: unknown): Exclude<Entry, string> {
  if (typeof entry === 'string') return { value: entry };
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw new Misfit('is neither a text nor a table; write "text with {fields}" or { value = "…" }');
  }
  const table = entry as Record<string, unknown>;
  const unknown = Object.keys(table).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw new Misfit(`has the key "${unknown}"; the keys are ${KEYS.join(', ')}`);
  if (typeof table.value !== 'string') throw new Misfit('has no value; write value = "text with {fields}"');
  if (!['undefined', 'string'].includes(typeof table.type)) throw new Misfit('has a type that is not a text');
  if (!['undefined', 'boolean'].includes(typeof table.required)) {
    throw new Misfit('has a required that is neither true nor false');
  }
  if (table.default !== undefined && !isScalar(table.default)) {
    throw new Misfit('has a default that is neither a text, a number nor a boolean');
  }
  const { lookup } = table;
  if (lookup !== undefined) {
    const isTable = typeof lookup === 'object' && lookup !== null && !Array.isArray(lookup);
    if (!isTable || !Object.values(lookup).every(isScalar)) {
      throw new Misfit('has a lookup that is not a table of texts, numbers and booleans');
    }
  }
  return table as Exclude<Entry, string>;
}

function isScalar(value: unknown): value is Scalar {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
