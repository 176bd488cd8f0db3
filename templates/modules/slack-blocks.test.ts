import { describe, expect, it } from 'vitest';
import type { Mapping } from './mapping';
import { mrkdwn, slackPost } from './slack-blocks';

const CHANNEL = 'C0EXAMPLE01';
const document = {
  title: 'Fix <menu> & more',
  url: 'https://example.com/a?b=1&c=2',
  body: 'Long\nstory',
  by: 'Kim',
  n: 7,
  tags: ['a'],
};
const post = (mapping: Mapping, from: object = document) => slackPost(mapping, from, CHANNEL);
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

it('makes a headline that links, the details, and the other fields in columns', () => {
  const mapping = { text: '{title}', link: '{url}', details: '{body}', By: '{by}', Number: '{n}', username: 'GitHub' };
  expect(post(mapping)).toEqual({
    channel: CHANNEL,
    text: 'Fix &lt;menu&gt; &amp; more',
    username: 'GitHub',
    blocks: [
      section('<https://example.com/a?b=1&amp;c=2|Fix &lt;menu&gt; &amp; more>'),
      section('Long\nstory'),
      {
        type: 'section',
        fields: [
          { type: 'mrkdwn', text: '*By*\nKim' },
          { type: 'mrkdwn', text: '*Number*\n7' },
        ],
      },
    ],
  });
});

it('leaves out what is empty', () => {
  const mapping = { text: '{title}', details: '{missing | default:""}', By: { value: '{missing}', required: false } };
  expect(post(mapping).blocks).toHaveLength(1);
});

it('posts into the channel that the mapping names', () => {
  const channel = { value: '{by}', lookup: { Kim: 'C0EXAMPLE02', default: '' } };
  expect(post({ text: '{title}', channel }).channel).toBe('C0EXAMPLE02');
  expect(post({ text: '{title}', channel }, { ...document, by: 'Sam' }).channel).toBe(CHANNEL);
});

it('puts ten fields into a section', () => {
  const fields = Object.fromEntries(Array.from({ length: 23 }, (_, index) => [`Field ${index}`, '{by}']));
  const blocks = post({ text: '{title}', ...fields }).blocks as { fields?: object[] }[];
  expect(blocks.map((block) => block.fields?.length)).toEqual([undefined, 10, 10, 3]);
});

it.each(['javascript:alert(1)', 'not a link', `https://example.com/${'a'.repeat(3000)}`])(
  'makes no link of %j',
  (url) => {
    expect(post({ text: '{title}', link: '{url}' }, { ...document, url }).blocks).toEqual([
      section('Fix &lt;menu&gt; &amp; more'),
    ]);
  },
);

describe('inj-slack: text calls nobody and leads nowhere', () => {
  const hostile = '<!channel> <@U0EXAMPLE01> <https://evil.example|your bank> a|b &lt;!here&gt;';
  const shown =
    '&lt;!channel&gt; &lt;@U0EXAMPLE01&gt; &lt;https://evil.example|your bank&gt; a|b &amp;lt;!here&amp;gt;';

  it('in the headline, the details and the fields', () => {
    const made = post({ text: '{title}', details: '{title}', Title: '{title}' }, { title: hostile });
    expect(made.text).toBe(shown);
    expect(made.blocks).toEqual([
      section(shown),
      section(shown),
      { type: 'section', fields: [{ type: 'mrkdwn', text: `*Title*\n${shown}` }] },
    ]);
  });

  it('in a link', () => {
    const made = post(
      { text: '{title}', link: '{url}' },
      { title: 'a\n>b', url: 'https://example.com/a|b>#<!channel>' },
    );
    expect(made.blocks).toEqual([section('<https://example.com/a%7Cb%3E#%3C!channel%3E|a &gt;b>')]);
  });
});

describe('mrkdwn', () => {
  it('emoji-zwj: leaves emoji, right-to-left text and combining marks as they are', () => {
    const text = '👩‍👩‍👧‍👦 🇵🇱 👍🏽 e\u0301 \u202eRTL\u202c Zażółć 東京';
    expect(mrkdwn(text, 3000)).toBe(text);
  });

  it('size-1mb: cuts to what Slack takes, never within a character or an escape', () => {
    const cut = mrkdwn('😀'.repeat(250_000), 3000);
    expect([cut.length <= 3000, cut.isWellFormed(), cut.endsWith('😀…')]).toEqual([true, true, true]);
    expect(mrkdwn('&'.repeat(10), 12)).toBe('&amp;&amp;…');
    expect(mrkdwn('abc', 3)).toBe('abc');
  });

  it('nul: leaves out what is no text', () => {
    expect(mrkdwn('a\0b\ud800', 10)).toBe('ab\ufffd');
  });
});

it.each<[Mapping, string]>([
  [{ By: '{by}' }, 'The mapping has no value for "text"'],
  [{ text: '{missing | default:""}' }, 'The mapping has no value for "text"'],
  [{ text: '{tags}' }, 'The mapping of "text" ends in a list or an object, not text'],
  [{ text: '{title}', channel: '#general' }, 'The channel is not an id such as C0123456789'],
  [{ text: '{title}', thread_ts: '{by}' }, 'this adapter posts into no thread'],
  [
    { text: '{title}', ...Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`f${index}`, '{by}'])) },
    'The mapping has more than 100 fields',
  ],
])('refuses %j', (mapping, message) => {
  expect(() => post(mapping)).toThrow(message);
});
