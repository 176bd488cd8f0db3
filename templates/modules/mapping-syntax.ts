// Reads the expressions of the field mapping into pieces. MAPPING.md has the grammar.

/** What an entry of the mapping cannot do. Its message continues `The mapping of "Field" …`. */
export class Misfit extends Error {}

export interface Path {
  source: string;
  /** Names and indexes; `each` goes through a list. */
  segments: { name: string; each: boolean }[];
}

export interface Step {
  name: string;
  arguments: string[];
}

export interface Placeholder {
  /** What stands between the braces. */
  source: string;
  path: Path;
  steps: Step[];
  /** Adds the placeholder to the message of a value that does not fit. */
  explain<T>(work: () => T): T;
}

export type Expression = (string | Placeholder)[];

const isLength = (text: string) => /^[1-9]\d{0,5}$/.test(text);
const isPattern = (text: string) => {
  // What the Rust half refuses, this half refuses, too: look-around and back references.
  if (text.length > 200 || /\(\?<?[=!]|\\[1-9]|\\k/.test(text)) return false;
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
};
const isMoney = (text: string) => (/^\d/.test(text) ? /^[0-4]$/.test(text) : segmentsOf(text) !== undefined);

/** Name → an example for people, and which arguments it takes. */
const STEPS: Record<string, { example: string; takes: (given: string[]) => boolean }> = {
  default: { example: 'default:"none"', takes: ({ length }) => length === 1 },
  truncate: { example: 'truncate:120', takes: (given) => given.length === 1 && given.every(isLength) },
  date: {
    example: 'date, date:day, date:minute or date:seconds',
    takes: (given) => given.length === 0 || (given.length === 1 && /^(day|minute|seconds)$/.test(given.join())),
  },
  number: { example: 'number', takes: ({ length }) => length === 0 },
  join: { example: 'join:", "', takes: ({ length }) => length <= 1 },
  trim: { example: 'trim', takes: ({ length }) => length === 0 },
  upper: { example: 'upper', takes: ({ length }) => length === 0 },
  lower: { example: 'lower', takes: ({ length }) => length === 0 },
  replace: { example: 'replace:"a","b"', takes: (given) => given.length === 2 && given[0] !== '' },
  regex: { example: 'regex:"run (\\d+)"', takes: (given) => given.length === 1 && given.every(isPattern) },
  money: {
    example: 'money:2, money:EUR or money:path.of.the.currency',
    takes: (given) => given.length === 0 || (given.length === 1 && given.every(isMoney)),
  },
  first: { example: 'first', takes: ({ length }) => length === 0 },
  last: { example: 'last', takes: ({ length }) => length === 0 },
  count: { example: 'count', takes: ({ length }) => length === 0 },
  lookup: { example: 'lookup', takes: ({ length }) => length === 0 },
};

/** The texts and placeholders of an expression, in order. */
export function pieces(expression: string): Expression {
  const found: Expression = [];
  let text = '';
  for (let at = 0; at < expression.length;) {
    const sign = expression.charAt(at);
    if ((sign === '{' || sign === '}') && expression.charAt(at + 1) === sign) {
      text += sign;
      at += 2;
    } else if (sign === '}') {
      throw singleBrace(sign);
    } else if (sign === '{') {
      const end = endOfPlaceholder(expression, at + 1);
      if (text) found.push(text);
      text = '';
      found.push(placeholder(expression.slice(at + 1, end)));
      at = end + 1;
    } else {
      text += sign;
      at += 1;
    }
  }
  if (text || found.length === 0) found.push(text);
  return found;
}

/** The path, or undefined if the text is none. */
export function segmentsOf(path: string): Path['segments'] | undefined {
  const segment = /([^.|{}[\]"]+|"[^"]+")(\[\])?/y;
  const segments: Path['segments'] = [];
  for (let at = 0; ;) {
    segment.lastIndex = at;
    const [whole, name, each] = segment.exec(path) ?? [];
    if (whole === undefined || name === undefined) return undefined;
    segments.push({ name: name.replace(/^"|"$/g, ''), each: each !== undefined });
    at += whole.length;
    if (at === path.length) return segments;
    if (path.charAt(at) !== '.') return undefined;
    at += 1;
  }
}

function endOfPlaceholder(expression: string, start: number): number {
  let isQuoted = false;
  for (let at = start; at < expression.length; at += 1) {
    const sign = expression.charAt(at);
    if (isQuoted && sign === '\\' && expression.charAt(at + 1) === '"') at += 1;
    else if (sign === '"') isQuoted = !isQuoted;
    else if (!isQuoted && sign === '}') return at;
    else if (!isQuoted && sign === '{') throw singleBrace('{');
  }
  if (isQuoted) throw new Misfit('has a quotation mark that is not closed');
  throw singleBrace('{');
}

function placeholder(source: string): Placeholder {
  const [path = '', ...steps] = split(source);
  if (path === '') throw new Misfit('has an empty {}; name a field of the event in it');
  const segments = segmentsOf(path);
  if (!segments) {
    throw new Misfit(`has {${path}}, which is not a path; write names with dots between them, and [] after a list`);
  }
  return {
    source,
    path: { source: path, segments },
    steps: steps.map(step),
    explain(work) {
      try {
        return work();
      } catch (error) {
        throw error instanceof Misfit ? new Misfit(`does not fit: {${source}} ${error.message}`) : error;
      }
    },
  };
}

/** The path and the steps: what stands between the bars that are not quoted. */
function split(source: string): string[] {
  const masked = source.replace(/"(\\"|[^"])*"/g, (quoted) => '"'.repeat(quoted.length));
  const bars = Array.from(masked.matchAll(/\|/g), ({ index }) => index);
  return [-1, ...bars].map((bar, part) => source.slice(bar + 1, bars[part]).trim());
}

function step(source: string): Step {
  const name = /^\w*/.exec(source)?.[0] ?? '';
  const known = Object.hasOwn(STEPS, name) ? STEPS[name] : undefined;
  if (!known) {
    const names = Object.keys(STEPS).join(', ');
    throw new Misfit(`uses "${name || source}", which is not a transform; use ${names}`);
  }
  const given = argumentsOf(source.slice(name.length).trim());
  if (!given || !known.takes(given)) {
    throw new Misfit(`cannot use "| ${source}"; write for example | ${known.example}`);
  }
  if (name === 'regex' && given.some(mayNeverEnd)) {
    throw new Misfit(
      'has a regular expression that some texts keep busy for ever; do not repeat a group that has a repetition or | in it',
    );
  }
  return { name, arguments: given };
}

/** Whether the time for a match may double with each character: what a sender writes must not stop the adapter. */
function mayNeverEnd(pattern: string): boolean {
  let rest = pattern.replace(/\\.|\[(?:\\.|[^\]\\])*\]/gsu, 'x').replace(/\(\?(?::|<\w+>)/gu, '(');
  for (;;) {
    const [group, inside = '', repeated = ''] = /\(([^()]*)\)([*+{]?)/u.exec(rest) ?? [];
    if (group === undefined) return false;
    const isLoose = /[*+?|]|\{\d+,/u.test(inside);
    if (isLoose && repeated) return true;
    rest = rest.replace(group, () => `${isLoose ? 'x+' : 'x'}${repeated}`);
  }
}

function argumentsOf(text: string): string[] | undefined {
  if (text === '') return [];
  if (!text.startsWith(':')) return undefined;
  const given = text.slice(1).trim();
  if (!given.includes('"')) return [given];
  if (!/^"(\\"|[^"])*"(\s*,\s*"(\\"|[^"])*")*$/.test(given)) return undefined;
  return Array.from(given.matchAll(/"((?:\\"|[^"])*)"/g), ([, quoted = '']) => quoted.replaceAll('\\"', '"'));
}

function singleBrace(sign: string): Misfit {
  return new Misfit(`has a single ${sign}; write ${sign}${sign} for the sign itself`);
}
