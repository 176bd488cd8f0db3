import { expect, it } from 'vitest';
import type { Mapping } from './mapping';
import { teamsMessage } from './teams-card';

const document = {
  title: 'API is slow',
  url: 'https://example.com/a?b=1&c=2',
  body: 'p99 above 2 s',
  by: 'Kim',
  n: 7,
  tags: ['a'],
};

interface Card {
  body: { type: string; inlines: { text: string; color?: string }[] }[];
  actions?: object[];
}
function card(mapping: Mapping, from: object = document): Card {
  return (teamsMessage(mapping, from).attachments[0] as { content: Card }).content;
}
const texts = (made: Card) => made.body.map(({ inlines }) => inlines.map(({ text }) => text).join(''));

it('makes a headline with its colour, the details, a line for each other field, and a button', () => {
  const mapping = { text: '{title}', link: '{url}', details: '{body}', color: 'attention', By: '{by}', Number: '{n}' };
  expect(teamsMessage(mapping, document)).toEqual({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            {
              type: 'RichTextBlock',
              inlines: [{ type: 'TextRun', text: 'API is slow', size: 'large', weight: 'bolder', color: 'attention' }],
            },
            { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: 'p99 above 2 s' }] },
            {
              type: 'RichTextBlock',
              inlines: [
                { type: 'TextRun', text: 'By: ', weight: 'bolder' },
                { type: 'TextRun', text: 'Kim' },
              ],
            },
            {
              type: 'RichTextBlock',
              inlines: [
                { type: 'TextRun', text: 'Number: ', weight: 'bolder' },
                { type: 'TextRun', text: '7' },
              ],
            },
          ],
          actions: [{ type: 'Action.OpenUrl', title: 'Open', url: 'https://example.com/a?b=1&c=2' }],
        },
      },
    ],
  });
});

it('leaves out what is empty', () => {
  const made = card({
    text: '{title}',
    details: '{missing | default:""}',
    By: { value: '{missing}', required: false },
  });
  expect([texts(made), made.actions, made.body[0]?.inlines[0]?.color]).toEqual([['API is slow'], undefined, 'default']);
});

it('shows what people wrote as text: runs know neither Markdown nor mentions', () => {
  const hostile = '[your bank](https://evil.example) **now** <at>Everybody</at> \u202eRTL\u202c 👩‍👩‍👧‍👦';
  const made = card({ text: '{t}', details: '{t}', Title: '{t}' }, { t: hostile });
  expect(texts(made)).toEqual([hostile, hostile, `Title: ${hostile}`]);
  expect(made.body.map(({ type }) => type)).toEqual(Array(3).fill('RichTextBlock'));
});

it.each(['javascript:alert(1)', 'not a link', `https://example.com/${'a'.repeat(3000)}`])('opens no %j', (url) => {
  expect(card({ text: '{title}', link: '{url}' }, { ...document, url }).actions).toBeUndefined();
});

it('size-1mb: fits into what Teams shows, and never cuts within a character', () => {
  const long = '😀'.repeat(100_000);
  const lines = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`Line ${index}`, '{long}']));
  const message = teamsMessage({ text: '{long}', details: '{long}', ...lines }, { long });
  const text = JSON.stringify(message);
  expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(26 * 1024);
  expect([text.isWellFormed(), text.includes('😀…')]).toEqual([true, true]);
});

it('nul: leaves out what is no text', () => {
  expect(texts(card({ text: '{t}' }, { t: 'a\0b\ud800' }))).toEqual(['ab\ufffd']);
});

it.each<[Mapping, string]>([
  [{ By: '{by}' }, 'The mapping has no value for "text"'],
  [{ text: '{tags}' }, 'The mapping of "text" ends in a list or an object, not text'],
  [{ text: '{title}', color: 'red' }, 'The mapping of "color" gives "red"; use default, dark'],
  [
    { text: '{title}', ...Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`l${index}`, '{by}'])) },
    'The mapping has more than 50 lines',
  ],
])('refuses %j', (mapping, message) => {
  expect(() => teamsMessage(mapping, document)).toThrow(message);
});
