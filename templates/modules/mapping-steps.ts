// What the placeholders of the field mapping do with a document. MAPPING.md says the same in words.
import { Misfit, type Path, type Placeholder, type Step, segmentsOf } from './mapping-syntax';

type Scalar = string | number | boolean;

export interface Context {
  document: object;
  lookup: Record<string, Scalar> | undefined;
}

type Transform = (value: unknown, given: string[], context: Context) => unknown;

/** Work on one value, or on each element of a list. */
const ofOne: Record<string, Transform> = {
  truncate: (value, [length]) => truncated(asText(value), Number(length)),
  date: (value, [form]) => written(milliseconds(asText(value)), form),
  number: (value) => number(asText(value)),
  trim: (value) => asText(value).replace(/^\p{White_Space}+|\p{White_Space}+$/gu, ''),
  upper: (value) => asText(value).toUpperCase(),
  lower: (value) => asText(value).toLowerCase(),
  replace: (value, [from = '', to = '']) => asText(value).replaceAll(from, () => to),
  regex: (value, [pattern = '']) => {
    const match = new RegExp(pattern, 'u').exec(asText(value));
    return match && match.length > 1 ? match[1] : match?.[0];
  },
  money: (value, [decimals], context) => decimalText(value, decimalsOf(decimals, context)),
  lookup: (value, _, { lookup }) => {
    if (!lookup) throw new Misfit('has no lookup table; add lookup = { … } to the entry');
    return lookUp(value, lookup);
  },
};

/** Work on a list as a whole, `default` on anything. */
const ofAll: Record<string, Transform> = {
  default: (value, [text]) => (isEmpty(value) ? text : value),
  join: (value, [separator]) =>
    list(value, 'join')
      .filter(isThere)
      .map(asText)
      .join(separator ?? ', '),
  first: (value) => list(value, 'first').at(0) ?? undefined,
  last: (value) => list(value, 'last').at(-1) ?? undefined,
  count: (value) => list(value, 'count').length,
};

/** The placeholder's value, undefined when it is missing. */
export function apply(placeholder: Placeholder, context: Context): unknown {
  return placeholder.explain(() =>
    placeholder.steps.reduce(
      (value, step) => applyStep(value, step, context),
      readPath(placeholder.path, context.document),
    ),
  );
}

function applyStep(value: unknown, { name, arguments: given }: Step, context: Context): unknown {
  if (value === undefined && name !== 'default') return undefined;
  const whole = ofAll[name];
  if (whole) return whole(value, given, context);
  const work = (one: unknown) => ofOne[name]?.(one, given, context);
  return Array.isArray(value) ? value.filter(isThere).map(work).filter(isThere) : work(value);
}

/** The value at a path. Own properties only, so that `{event.constructor}` is a missing field and nothing else. */
export function readPath({ segments }: Path, document: unknown): unknown {
  const [segment, ...rest] = segments;
  if (!segment) return document ?? undefined;
  const found = child(document, segment.name) ?? undefined;
  if (found === undefined || !segment.each) return readPath({ source: '', segments: rest }, found);
  if (!Array.isArray(found)) throw new Misfit(`has [] after "${segment.name}", which is not a list`);
  const values = found.map((element) => readPath({ source: '', segments: rest }, element));
  return values.filter(isThere).flat();
}

function child(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(name) ? value[Number(name)] : undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** What a lookup table has for a value, or for each element of a list. */
export function lookUp(value: unknown, table: Record<string, Scalar>): unknown {
  if (isEmpty(value)) return table.default ?? value;
  if (Array.isArray(value)) return value.filter(isThere).map((element) => lookUp(element, table));
  const key = asText(value);
  const found = Object.hasOwn(table, key) ? table[key] : table.default;
  if (found === undefined) {
    throw new Misfit(`has no entry for "${Array.from(key).slice(0, 40).join('')}" in its lookup; add it, or a default`);
  }
  return found;
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

const isThere = (value: unknown) => value !== undefined && value !== null;

export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Misfit(
    Array.isArray(value) ? 'is a list; join it with | join:", "' : 'is an object; name one of its fields',
  );
}

function list(value: unknown, step: string): unknown[] {
  if (!Array.isArray(value)) throw new Misfit(`is not a list, as | ${step} needs`);
  return value;
}

/** By code points, so that no character is cut in half. */
function truncated(text: string, length: number): string {
  const points = Array.from(text.slice(0, 2 * length + 2));
  return points.length <= length ? text : `${points.slice(0, length - 1).join('')}…`;
}

function number(text: string): number {
  const trimmed = text.trim();
  const parsed = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (!Number.isFinite(parsed)) throw new Misfit('is not a number');
  return parsed;
}

const DATE =
  /^(\d{4}-\d\d-\d\d)(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?(Z|([+-])([01]\d|2[0-3]):?([0-5]\d))?)?$/;

/** Unix milliseconds of an ISO date, or of Unix seconds or milliseconds, also of Slack's `1760000001.000100`. */
function milliseconds(text: string): number {
  const [, seconds, fraction = ''] = /^(\d{1,15})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (seconds !== undefined) {
    if (fraction === '' && Number(seconds) >= 100_000_000_000) return inYears(Number(seconds));
    return inYears(Number(seconds) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3)));
  }
  const match = DATE.exec(text);
  if (!match) throw new Misfit('is not a date');
  const [, day = '', hour = 0, minute = 0, second = 0, part = '', , sign, offsetHours = 0, offsetMinutes = 0] = match;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // The parser takes 30 February for a day in March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day)
    throw new Misfit('is not a date');
  const offset = (sign === '-' ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinutes));
  const minutes = Number(hour) * 60 + Number(minute) - offset;
  return inYears(midnight + (minutes * 60 + Number(second)) * 1000 + Number(part.padEnd(3, '0').slice(0, 3)));
}

/** Four digits of a year are what upstreams read. */
function inYears(milliseconds: number): number {
  if (milliseconds < -62_167_219_200_000 || milliseconds > 253_402_300_799_999) throw new Misfit('is not a date');
  return milliseconds;
}

function written(milliseconds: number, form: string | undefined): unknown {
  const iso = new Date(milliseconds).toISOString();
  if (form === 'day') return iso.slice(0, 10);
  if (form === 'minute') return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
  return form === 'seconds' ? Math.floor(milliseconds / 1000) : iso;
}

const NO_DECIMALS = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ');
const THREE_DECIMALS = 'BHD IQD JOD KWD LYD OMR TND'.split(' ');

function decimalsOf(argument = '2', { document }: Context): number {
  if (/^\d$/.test(argument)) return Number(argument);
  const segments = /^[A-Za-z]{3}$/.test(argument) ? undefined : segmentsOf(argument);
  const currency = segments ? readPath({ source: argument, segments }, document) : argument;
  if (typeof currency !== 'string' || !/^[A-Za-z]{3}$/.test(currency)) {
    throw new Misfit(`finds no currency at ${argument}`);
  }
  if (NO_DECIMALS.includes(currency.toUpperCase())) return 0;
  return THREE_DECIMALS.includes(currency.toUpperCase()) ? 3 : 2;
}

/** Moves the point in the text: a floating-point division would not give every amount back. */
function decimalText(value: unknown, decimals: number): string {
  const [, sign = '', digits] =
    /^(-?)0*(\d+)$/.exec(Number.isSafeInteger(value) ? String(value) : textOnly(value)) ?? [];
  if (digits === undefined) throw new Misfit('is not a whole number of minor units');
  const padded = digits.padStart(decimals + 1, '0');
  const [whole, part] = [padded.slice(0, padded.length - decimals), padded.slice(padded.length - decimals)];
  return `${/^0+$/.test(digits) ? '' : sign}${whole}${decimals ? `.${part}` : ''}`;
}

const textOnly = (value: unknown) => (typeof value === 'string' ? value.trim() : '');
