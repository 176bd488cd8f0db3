// From the field mapping to a Slack message: `text` is its headline, `link` where that leads, `details` what stands
// below; other names are fields in two columns. https://docs.slack.dev/reference/block-kit/blocks/section-block
import { misconfigured } from './errors';
import { type Mapping, mapFields } from './mapping';

/** Slack's limits, in characters, and of fields in one section. */
const LONGEST_TEXT = 3000;
const LONGEST_FIELD = 2000;
const LONGEST_LINK = 2000;
const FIELDS = 10;
const MOST_FIELDS = 100;

/** Arguments of `chat.postMessage` that a mapping may fill as they are. The first three need `chat:write.customize`. */
const ARGUMENTS = ['username', 'icon_emoji', 'icon_url'];
/** Arguments that would hide the message from the look-up of what was posted before. */
const IN_THREADS = ['thread_ts', 'reply_broadcast'];

export interface SlackPost {
  channel: string;
  text: string;
  blocks: object[];
  [argument: string]: unknown;
}

/** The message, in the channel that the mapping names or else in this one (the binding SLACK_CHANNEL_ID). */
export function slackPost(mapping: Mapping | undefined, document: object, channelId: string): SlackPost {
  const values = Object.entries(mapFields(mapping, document)).map(([name, value]) => {
    if (typeof value === 'object')
      throw misconfigured(`The mapping of "${name}" ends in a list or an object, not text`);
    if (IN_THREADS.includes(name)) throw misconfigured(`The mapping has "${name}"; this adapter posts into no thread`);
    return [name, String(value)] as const;
  });
  const { channel = channelId, text, link, details, ...others } = Object.fromEntries(values);
  // The look-up takes no names.
  if (!/^[CGD][A-Z0-9]{6,}$/.test(channel)) {
    throw misconfigured('The channel is not an id such as C0123456789; copy it from the details of the channel');
  }
  if (!text) throw misconfigured('The mapping has no value for "text", the headline of the message');
  const fields = Object.entries(others).filter(([name]) => !ARGUMENTS.includes(name));
  if (fields.length > MOST_FIELDS) throw misconfigured(`The mapping has more than ${MOST_FIELDS} fields`);
  const url = link === undefined ? undefined : address(link);
  const blocks = [
    section(
      url ? `<${url}|${mrkdwn(text.replace(/\s+/g, ' '), LONGEST_TEXT - url.length - 3)}>` : mrkdwn(text, LONGEST_TEXT),
    ),
    ...(details ? [section(mrkdwn(details, LONGEST_TEXT))] : []),
    ...columns(fields),
  ];
  const given = Object.fromEntries(Object.entries(others).filter(([name]) => ARGUMENTS.includes(name)));
  return { channel, text: mrkdwn(text, LONGEST_TEXT), blocks, ...given };
}

/**
 * Text in which nothing calls anybody or leads anywhere: `<!channel>` shows as it was written. Cut to so many characters,
 * never within one.
 */
export function mrkdwn(text: string, longest: number): string {
  const escaped = Array.from(text.replaceAll('\0', '').toWellFormed(), (character) => ESCAPES[character] ?? character);
  let length = escaped.reduce((sum, piece) => sum + piece.length, 0);
  if (length <= longest) return escaped.join('');
  while (length > longest - 1) length -= escaped.pop()?.length ?? length;
  return `${escaped.join('')}…`;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** The link as it stands in `<link|text>`; undefined for what is no page on the web. */
function address(link: string): string | undefined {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (!url || !['https:', 'http:'].includes(url.protocol)) return undefined;
  const written = url.href
    .replaceAll('|', '%7C')
    .replaceAll('<', '%3C')
    .replaceAll('>', '%3E')
    .replaceAll('&', '&amp;');
  return written.length > LONGEST_LINK ? undefined : written;
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

function columns(fields: [string, string][]): object[] {
  const texts = fields.map(([name, value]) => ({
    type: 'mrkdwn',
    text: `*${mrkdwn(name, 100)}*\n${mrkdwn(value, LONGEST_FIELD - 110)}`,
  }));
  const starts = Array.from({ length: Math.ceil(texts.length / FIELDS) }, (_, index) => index * FIELDS);
  return starts.map((start) => ({ type: 'section', fields: texts.slice(start, start + FIELDS) }));
}
