// Expressions of the field mapping: `[{event.channel}] {event.text | truncate:120}`.
import { misconfigured } from './errors';

type Transform = (value: unknown, argument: string | undefined) => unknown;

/** A value that an expression cannot use. Its message continues the sentence that begins with the expression. */
class Misfit extends Error {}

/** Each gets a value that is there; only `default` sees a missing one. */
const transforms: Record<string, Transform> = {
  default: (value, argument) => (value === undefined || value === '' ? (argument ?? '') : value),
  truncate: (value, argument) => truncated(asText(value), argument),
  date: (value) => isoDate(value),
  number: (value) => number(value),
  join: (value, argument) => {
    if (!Array.isArray(value)) throw new Misfit('is not a list, so `join` cannot join it');
    return value.map(asText).join(argument ?? ', ');
  },
};

/**
 * The value of an expression. One that is a single `{…}` keeps the type of what it finds; every other is text.
 * `field` names the mapping's entry in errors.
 */
export function evaluate(field: string, expression: string, source: object): unknown {
  const pieces = expression.match(/\{\{|\}\}|\{[^{}]*\}|[^{}]+|[{}]/g) ?? [];
  const values = pieces.map((piece) => {
    if (piece === '{{' || piece === '}}') return piece[0];
    if (piece === '{' || piece === '}') {
      throw misconfigured(
        `The mapping of "${field}" has a single ${piece}; write ${piece}${piece} for the sign itself`,
      );
    }
    return piece.startsWith('{') ? placeholder(field, piece.slice(1, -1), source) : piece;
  });
  if (values.length === 1) return values[0];
  return values.map((value) => explain(field, expression, () => asText(value))).join('');
}

function placeholder(field: string, inner: string, source: object): unknown {
  const [path = '', ...steps] = (inner.match(/(?:[^|"]|"[^"]*")+/g) ?? []).map((step) => step.trim());
  let value = lookUp(path, source);
  for (const step of steps) {
    const [, name = '', quoted, bare] = /^(\w*)\s*(?::\s*(?:"([^"]*)"|(.*)))?$/.exec(step) ?? [];
    if (!Object.hasOwn(transforms, name)) {
      const known = Object.keys(transforms).join(', ');
      throw misconfigured(`The mapping of "${field}" uses "${name || step}", which is not a transform; use ${known}`);
    }
    if (value === undefined && name !== 'default') continue;
    const input = value;
    value = explain(field, `{${inner}}`, () => transforms[name]?.(input, quoted ?? bare));
  }
  if (value === undefined) {
    const advice = 'correct the name, or add | default:"" if only some messages have it';
    throw misconfigured(`The mapping of "${field}" reads {${path}}, which this message does not have; ${advice}`);
  }
  return value;
}

/** Own properties only, so that `{event.constructor}` is a missing field and nothing else. */
function lookUp(path: string, source: unknown): unknown {
  const found = path.split('.').reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Record<string, unknown>)[key];
  }, source);
  return found ?? undefined;
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Misfit(
    Array.isArray(value) ? 'is a list; join it with | join:", "' : 'is an object; name one of its fields',
  );
}

/** By code points, so that no character is cut in half. */
function truncated(text: string, argument: string | undefined): string {
  const length = Number(argument);
  if (!Number.isInteger(length) || length < 1) throw new Misfit('needs a length, for example | truncate:120');
  const points = Array.from(text.slice(0, 2 * length + 2));
  return points.length <= length ? text : `${points.slice(0, length - 1).join('')}…`;
}

/** Reads ISO dates and Unix seconds, also Slack's `1760000001.000100`. */
function isoDate(value: unknown): string {
  const text = asText(value);
  const isSeconds = /^\d+(\.\d+)?$/.test(text);
  // `Date.parse` would make a date of nearly anything that ends in a number.
  if (!isSeconds && !/^\d{4}-\d\d-\d\d/.test(text)) throw new Misfit('is not a date');
  const milliseconds = isSeconds ? Number(text) * 1000 : Date.parse(text);
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) throw new Misfit('is not a date');
  return date.toISOString();
}

function number(value: unknown): number {
  const text = asText(value).trim();
  const parsed = Number(text);
  if (text === '' || !Number.isFinite(parsed)) throw new Misfit('is not a number');
  return parsed;
}

function explain<T>(field: string, expression: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw misconfigured(`The mapping of "${field}" does not fit: ${expression} ${error.message}`);
  }
}
