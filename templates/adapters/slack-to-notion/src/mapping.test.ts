import { describe, expect, it } from 'vitest';
import { evaluate } from './mapping';
import { type Mapping, eventColumn, pageProperties } from './properties';

const source = {
  event_id: 'Ev1',
  event: {
    text: 'Deploy finished',
    channel: 'C1',
    ts: '1760000001.000100',
    count: 3,
    done: false,
    files: [{ name: 'a.png' }, { name: 'b.png' }],
    tags: ['x', 'y'],
    empty: '',
    nothing: null,
  },
};

it.each([
  ['[{event.channel}] {event.text | truncate:7}', '[C1] Deploy…'],
  ['{event.text | truncate:15}', 'Deploy finished'],
  ['{event.files.1.name}', 'b.png'],
  ['{event.tags | join:" / "}', 'x / y'],
  ['{event.tags | join}', 'x, y'],
  ['{event.ts | date}', '2025-10-09T08:53:21.000Z'],
  ['{event.ts | number}', 1760000001.0001],
  ['{event.count}', 3],
  ['{event.done}', false],
  ['{event.count} of 4', '3 of 4'],
  ['{event.missing | default:"a | b: c"}', 'a | b: c'],
  ['{event.missing | default:none}', 'none'],
  ['{event.missing | truncate:3 | default:""}', ''],
  ['{event.nothing | default:0 | number}', 0],
  ['{event.empty | default:-}', '-'],
  ['{event.empty}', ''],
  ['{{event.text}}', '{event.text}'],
  ['only text', 'only text'],
  ['', ''],
])('%s is %j', (expression, expected) => {
  expect(evaluate('Field', expression, source)).toBe(expected);
});

it.each([
  [
    '{event.txet}',
    'The mapping of "Field" reads {event.txet}, which this message does not have; correct the name, or add | default:"" if only some messages have it',
  ],
  ['{event.constructor}', 'reads {event.constructor}, which this message does not have'],
  ['{event.__proto__.x}', 'which this message does not have'],
  ['{event.text | trunc:3}', '"trunc", which is not a transform; use default, truncate, date, number, join'],
  ['{event.text | toString}', '"toString", which is not a transform'],
  ['{event.text | truncate}', 'needs a length'],
  ['{event.text | date}', '{event.text | date} is not a date'],
  ['{event.channel | date}', 'is not a date'],
  ['{event.text | number}', '{event.text | number} is not a number'],
  ['{event.text | join}', 'is not a list'],
  ['a {event.tags}', 'is a list; join it'],
  ['a {event.files.0}', 'is an object; name one of its fields'],
  ['{event.text', 'has a single {'],
  ['text }', 'has a single }'],
])('%s is a clear error', (expression, message) => {
  expect(() => evaluate('Field', expression, source)).toThrow(message);
});

it('truncation never cuts a character in half', () => {
  const text = '🚀'.repeat(10);
  expect(evaluate('Field', '{text | truncate:4}', { text })).toBe('🚀🚀🚀…');
  expect(evaluate('Field', '{text | truncate:10}', { text })).toBe(text);
});

describe('pageProperties', () => {
  it('builds every column type', () => {
    const mapping: Mapping = {
      Title: '{event.text}',
      Text: '{event.channel}',
      Left: '{event.missing | default:""}',
      Count: { type: 'number', value: '{event.count}' },
      Done: { type: 'checkbox', value: '{event.done}' },
      When: { type: 'date', value: '{event.ts | date}' },
      Link: { type: 'url', value: 'https://example.com/{event.channel}' },
      Kind: { type: 'select', value: 'a, b' },
      Tags: { type: 'multi_select', value: '{event.tags | join:","}' },
    };
    expect(pageProperties(mapping, source)).toEqual({
      title: { title: [{ text: { content: 'Deploy finished' } }] },
      Text: { rich_text: [{ text: { content: 'C1' } }] },
      Count: { number: 3 },
      Done: { checkbox: false },
      When: { date: { start: '2025-10-09T08:53:21.000Z' } },
      Link: { url: 'https://example.com/C1' },
      Kind: { select: { name: 'a  b' } },
      Tags: { multi_select: [{ name: 'x' }, { name: 'y' }] },
    });
  });

  it('cuts long text into pieces that Notion takes, and drops what it refuses', () => {
    const text = `a${'🚀'.repeat(1500)}\0\ud800`;
    const pieces = (pageProperties({ T: '{text}' }, { text }).T as { rich_text: { text: { content: string } }[] })
      .rich_text;
    const contents = pieces.map((piece) => piece.text.content);
    expect(contents.map((content) => content.length)).toEqual([1999, 1003]);
    expect(contents.join('')).toBe(`a${'🚀'.repeat(1500)}\ufffd`);
  });

  it('stays inside 100 pieces for a megabyte', () => {
    const properties = pageProperties({ T: '{text}' }, { text: 'x'.repeat(1_000_000) });
    expect((properties.T as { rich_text: object[] }).rich_text).toHaveLength(100);
  });

  it.each<[Mapping, string]>([
    [{ Count: { type: 'number', value: '{event.text}' } }, 'is a number column, but its value is not a number'],
    [{ Kind: { type: 'colour', value: 'x' } }, 'needs a type (title, rich_text'],
    [{ Kind: 7 as unknown as string }, 'needs a type'],
    [{ Tags: '{event.tags}' }, 'ends in a list or an object'],
  ])('refuses %j', (mapping, message) => {
    expect(() => pageProperties(mapping, source)).toThrow(message);
  });
});

it('finds the column that tells a message again', () => {
  expect(eventColumn({ Title: '{event_id}', 'Slack event': '{ event_id }' })).toBe('Slack event');
  expect(() => eventColumn({ Title: '{event.text}' })).toThrow('no text column for {event_id}');
});
