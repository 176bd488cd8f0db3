// From the field mapping to a card in Teams: `text` is its headline, `details` what stands below, `link` the page that its
// button opens, `color` the headline's colour; other names are lines of their own.
// https://adaptivecards.io/explorer/RichTextBlock.html
import { misconfigured } from './errors';
import { type Mapping, mapFields } from './mapping';

/** Teams shows messages up to 28 KiB; what the workflow adds needs a part of them. */
const LARGEST = 26 * 1024;
const LONGEST_TEXT = 4000;
const SHORTEST_TEXT = 50;
const MOST_LINES = 50;
const COLORS = ['default', 'dark', 'light', 'accent', 'good', 'warning', 'attention'];
const OWN = ['text', 'details', 'link', 'color'];

/** What a Workflows URL takes. */
export interface TeamsMessage {
  type: 'message';
  attachments: object[];
}

export function teamsMessage(mapping: Mapping | undefined, document: object): TeamsMessage {
  const values = Object.entries(mapFields(mapping, document)).map(([name, value]) => {
    if (typeof value === 'object')
      throw misconfigured(`The mapping of "${name}" ends in a list or an object, not text`);
    return [name, String(value)] as const;
  });
  const { text, details, link, color = 'default' } = Object.fromEntries(values) as Record<string, string | undefined>;
  if (!text) throw misconfigured('The mapping has no value for "text", the headline of the card');
  if (!COLORS.includes(color)) {
    throw misconfigured(`The mapping of "color" gives "${color.slice(0, 40)}"; use ${COLORS.join(', ')}`);
  }
  const lines = values.filter(([name]) => !OWN.includes(name));
  if (lines.length > MOST_LINES) throw misconfigured(`The mapping has more than ${MOST_LINES} lines`);
  // Halved until it fits: Teams drops a message that is too large, long after it was accepted.
  for (let longest = LONGEST_TEXT; ; longest = Math.floor(longest / 2)) {
    const message = card({ text, details, link, color, lines, longest });
    const isSmall = new TextEncoder().encode(JSON.stringify(message)).length <= LARGEST;
    if (isSmall || longest <= SHORTEST_TEXT) return message;
  }
}

interface Content {
  text: string;
  details?: string;
  link?: string;
  color: string;
  lines: (readonly [string, string])[];
  longest: number;
}

function card({ text, details, link, color, lines, longest }: Content): TeamsMessage {
  const run = (value: string, more: object = {}) => ({ type: 'TextRun', text: cut(value, longest), ...more });
  // Runs know no Markdown: what somebody wrote can neither look like a link nor like our own words.
  const block = (...inlines: object[]) => ({ type: 'RichTextBlock', inlines });
  const url = link === undefined ? undefined : address(link);
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      block(run(text, { size: 'large', weight: 'bolder', color })),
      ...(details ? [block(run(details))] : []),
      ...lines.map(([name, value]) => block(run(`${name}: `, { weight: 'bolder' }), run(value))),
    ],
    ...(url && { actions: [{ type: 'Action.OpenUrl', title: 'Open', url }] }),
  };
  const contentType = 'application/vnd.microsoft.card.adaptive';
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content }] };
}

/** At most so many characters, never within one. */
function cut(text: string, longest: number): string {
  const characters = Array.from(text.replaceAll('\0', '').toWellFormed());
  return characters.length <= longest ? characters.join('') : `${characters.slice(0, longest - 1).join('')}…`;
}

/** Undefined for what is no page on the web. */
function address(link: string): string | undefined {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  return url && ['https:', 'http:'].includes(url.protocol) && url.href.length <= 2000 ? url.href : undefined;
}
