import { expect, it } from 'vitest';
import { evaluate, mapFields } from './mapping';
import { document, vectors } from './mapping.vectors.json';

const cases = vectors as { entry: never; document?: object; value?: unknown; error?: string }[];

it.each(cases.filter(({ error }) => error === undefined))('$entry is $value', (vector) => {
  expect(evaluate('Field', vector.entry, vector.document ?? document)).toEqual(vector.value);
});

it.each(cases.filter(({ error }) => error !== undefined))('$entry is an error', (vector) => {
  expect(() => evaluate('Field', vector.entry, vector.document ?? document)).toThrow(
    expect.objectContaining({ message: vector.error, code: 'misconfigured', retry: 'never' }) as Error,
  );
});

it('leaves out the fields that have no value', () => {
  const mapping = { Text: '{event.text}', Left: '{event.empty}', None: '{event.none}', No: '{event.done}' };
  expect(mapFields(mapping, document)).toEqual({ Text: 'Deploy finished', No: false });
});

it('says that the mapping itself is missing', () => {
  expect(() => mapFields(undefined, document)).toThrow('MAPPING is not set; adapter.toml needs a [mapping]');
});
