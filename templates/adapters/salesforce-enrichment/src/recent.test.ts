import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Recent } from './recent';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const filled = (most: number) => {
  const recent = new Recent<string>({ most, lastsMs: 1000 });
  for (const name of ['a', 'b', 'c']) recent.put(name, name.toUpperCase());
  return recent;
};

it('forgets what is over', () => {
  const recent = filled(3);
  recent.put('b', 'short', 10);
  vi.advanceTimersByTime(999);
  expect(['a', 'b'].map((key) => recent.get(key))).toEqual(['A', undefined]);
  vi.advanceTimersByTime(1);
  expect(recent.get('a')).toBeUndefined();
});

it('makes room by what was not used for longest', () => {
  const recent = filled(3);
  recent.get('a');
  recent.put('d', 'D');
  expect(['a', 'b', 'c', 'd'].map((key) => recent.get(key))).toEqual(['A', undefined, 'C', 'D']);
});

it('holds as many as it may and no more', () => {
  const recent = filled(2);
  for (let key = 0; key < 10_000; key += 1) recent.put(String(key), 'x');
  expect(['c', '9997', '9998', '9999'].map((key) => recent.get(key))).toEqual([undefined, undefined, 'x', 'x']);
});

it('has no names that it was not given', () => {
  expect(['__proto__', 'constructor', 'then'].map((key) => filled(3).get(key))).toEqual(Array(3).fill(undefined));
});
