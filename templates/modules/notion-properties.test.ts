import { describe, expect, it } from 'vitest';
import type { Mapping } from './mapping';
import { eventColumn, pageProperties } from './notion-properties';

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
      Labels: { type: 'multi_select', value: '{event.tags}' },
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
      Labels: { multi_select: [{ name: 'x' }, { name: 'y' }] },
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
    [{ Kind: { type: 'colour', value: 'x' } }, 'needs a type: title, rich_text'],
    [{ Kind: 7 as unknown as string }, 'is neither a text nor a table'],
    [{ Kind: { value: 'x' } }, 'needs a type'],
    [{ Tags: '{event.tags}' }, 'ends in a list or an object'],
  ])('refuses %j', (mapping, message) => {
    expect(() => pageProperties(mapping, source)).toThrow(message);
  });
});

it('finds the column that tells an event again', () => {
  expect(eventColumn({ Title: '{event_id}', 'Slack event': '{ event_id }' })).toBe('Slack event');
  expect(() => eventColumn({ Title: '{event.text}' })).toThrow('no text column for {event_id}');
});
