import { describe, expect, it } from 'vitest';
import { keyField, recordFields } from './airtable-fields';
import type { Mapping } from './mapping';

const source = {
  id: 'evt_1',
  amount: 49.99,
  written: '49.990',
  done: false,
  name: 'Zażółć 東京 👩‍👩‍👧‍👦 ‮RTL‬',
  formula: '=HYPERLINK("https://evil.example","x")',
  tags: ['x', ' y ', ''],
  things: [{ a: 1 }],
  at: '2026-11-21T08:30:00Z',
  empty: '',
};

describe('recordFields', () => {
  it('builds what each type takes', () => {
    const mapping: Mapping = {
      Name: '{name}',
      Cell: '{formula}',
      Written: '{written}',
      Amount: { type: 'currency', value: '{amount}' },
      Rating: { type: 'rating', value: '{written}' },
      Done: { type: 'checkbox', value: '{done}' },
      At: { type: 'dateTime', value: '{at | date}' },
      Kind: { type: 'singleSelect', value: 'a, b' },
      Tags: { type: 'multipleSelects', value: '{tags}' },
      Labels: { type: 'multipleSelects', value: '{tags | join:","}' },
      Left: '{missing | default:""}',
    };
    expect(recordFields(mapping, source)).toEqual({
      Name: source.name,
      // inj-sheet: a cell holds text; Airtable computes formulas only in formula fields.
      Cell: source.formula,
      Written: '49.990',
      Amount: 49.99,
      Rating: 49.99,
      Done: false,
      At: '2026-11-21T08:30:00.000Z',
      Kind: 'a, b',
      Tags: ['x', 'y'],
      Labels: ['x', 'y'],
    });
  });

  it('nul, size-1mb: drops what is no text and cuts what is too long, between characters', () => {
    expect(recordFields({ T: '{t}' }, { t: 'a\0b\ud800' })).toEqual({ T: 'ab\ufffd' });
    const { T: cut } = recordFields({ T: '{t}' }, { t: '🚀'.repeat(300_000) }) as { T: string };
    expect([Array.from(cut).length, cut.endsWith('🚀…'), cut.isWellFormed()]).toEqual([100_000, true, true]);
    expect(recordFields({ T: '{t}' }, { t: '🚀'.repeat(100_000) })).toEqual({ T: '🚀'.repeat(100_000) });
  });

  it.each<[Mapping, string]>([
    [{ N: { type: 'number', value: '{name}' } }, 'is a number field, but its value is not a number'],
    [{ N: { type: 'number', value: ' ' } }, 'is a number field, but its value is not a number'],
    [{ N: { type: 'formula', value: '{name}' } }, 'has the type "formula"; use singleLineText'],
    [{ N: { type: 'toString', value: '{name}' } }, 'has the type "toString"; use'],
    [{ N: '{tags}' }, 'ends in a list or an object, not text'],
    [{ N: { type: 'multipleSelects', value: '{things}' } }, 'ends in a list or an object, not text'],
  ])('refuses %j', (mapping, message) => {
    expect(() => recordFields(mapping, source)).toThrow(message);
  });
});

it('finds the field that tells an event again', () => {
  expect(keyField({ Title: '{id} ', Amount: { type: 'number', value: '{id}' }, 'Event id': '{ id }' }, '{id}')).toBe(
    'Title',
  );
  expect(() => keyField({ Title: '{name}' }, '{id}/{at}')).toThrow('no text field for {id}/{at}');
});
