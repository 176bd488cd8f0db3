import { afterEach, expect, it, vi } from 'vitest';
import { installCaches } from '../testing/caches';
import { collectLog } from '../testing/deliver';
import { isRemembered, remember } from './remembered';

const logged = collectLog();
afterEach(() => void vi.unstubAllGlobals());

it('remembers what was done, for as long as it was told', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const kept = installCaches();
  expect(await isRemembered('a/b?c')).toBe(false);
  await remember('a/b?c', 60);
  expect([await isRemembered('a/b?c'), await isRemembered('a/b')]).toEqual([true, false]);
  expect([...kept.keys()]).toEqual(['https://remembered.invalid/a%2Fb%3Fc']);
  vi.setSystemTime(Date.now() + 60_000);
  expect(await isRemembered('a/b?c')).toBe(false);
});

it('does without a cache, and says so', async () => {
  installCaches({ fail: true });
  await remember('a', 60);
  expect(await isRemembered('a')).toBe(false);
  expect(logged).toEqual(Array(2).fill('cache: a is neither found nor kept: no cache here'));
});
