import { describe, expect, it } from 'vitest';
import { faultText, type FaultDraft } from './faults';

const DRAFT: FaultDraft = { upstream: 'notion', calls: 'every', amount: 2, kind: '429', option: 1 };

describe('faultText', () => {
  it.each([
    [{}, 'notion:429:retry-after=1'],
    [{ option: null }, 'notion:429'],
    [{ calls: 'number', kind: '500' }, 'notion#2:500'],
    [{ calls: 'share', amount: 25, kind: '503', option: null }, 'notion%25:503'],
    [{ kind: 'slow', option: 1500 }, 'notion:slow:ms=1500'],
    [{ kind: 'timeout', option: null }, 'notion:timeout'],
    [{ kind: 'expired-token' }, 'notion:expired-token'],
  ] as const)('writes %j as %s', (change, text) => {
    expect(faultText({ ...DRAFT, ...change })).toBe(text);
  });
});
