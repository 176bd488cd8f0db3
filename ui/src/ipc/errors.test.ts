import { describe, expect, it } from 'vitest';
import { presentation } from './errors';

describe('presentation', () => {
  const entries = Object.entries(presentation);

  it.each(entries)('%s has a title and advice of its own', (_code, { title, advice }) => {
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(advice).toMatch(/^[A-Z].*\.$/);
  });

  it('holds codes of the form area.reason only', () => {
    for (const [code] of entries) expect(code).toMatch(/^[a-z]+\.[a-z_]+$/);
  });
});
