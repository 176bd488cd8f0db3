import type { Trace, WireBody } from '../../ipc/generated/bindings';

/** The parts of a delivery that are laid beside those of another one. */
export const TEXT_PARTS = ['all', 'answer', 'outbound', 'logs'] as const;

export type TextPart = (typeof TEXT_PARTS)[number];

/**
 * A delivery as lines, made to be compared: what comes first is at the same place in both, JSON has a line for each
 * value, and times, which always differ, are left out.
 */
export function deliveryText(trace: Trace, part: TextPart): string {
  const sections = {
    answer: () => answer(trace),
    outbound: () => trace.outbound.flatMap((call, index) => outbound(call, index)),
    logs: () => logs(trace),
  };
  const wanted = part === 'all' ? (['answer', 'outbound', 'logs'] as const) : [part];
  return wanted.map((name) => [`── ${name} ──`, ...sections[name](), ''].join('\n')).join('\n');
}

function answer({ response }: Trace): string[] {
  return response ? [String(response.status), ...headers(response.headers), '', body(response.body)] : ['no answer'];
}

function outbound(call: Trace['outbound'][number], index: number): string[] {
  const { request, response, interruption } = call;
  return [
    `${index + 1}. ${request.method} ${request.url}`,
    body(request.body),
    `→ ${interruption === 'reset' ? 'reset' : response.status}${interruption === 'cut_off' ? ', cut off' : ''}`,
    body(response.body),
    '',
  ];
}

function logs(trace: Trace): string[] {
  return [
    ...trace.logs.map(({ level, message }) => `${level}: ${message}`),
    ...trace.exceptions.map(({ name, message, stack }) => `${name}: ${message}\n${stack}`),
  ];
}

function headers(given: readonly (readonly [string, string])[]): string[] {
  return given.map(([name, value]) => `${name.toLowerCase()}: ${value}`).toSorted();
}

/** Numbers keep their digits: only the space between the values changes. */
function body({ text, base64 }: WireBody): string {
  return base64 || !/^\s*[[{]/.test(text) ? text : spread(text);
}

/** JSON with a line for each value, without reading its values. */
export function spread(json: string): string {
  let lines = '';
  let depth = 0;
  const line = (): string => `\n${'  '.repeat(depth)}`;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+|"/g)) {
    if (token === '{' || token === '[') {
      depth += 1;
      lines += token + line();
    } else if (token === '}' || token === ']') {
      depth = Math.max(0, depth - 1);
      lines = lines.trimEnd() + (/[[{]$/.test(lines.trimEnd()) ? '' : line()) + token;
    } else if (token === ',') lines += token + line();
    else lines += token === ':' ? ': ' : token;
  }
  return lines;
}
