import { expect, it } from 'vitest';
import { retryAfterSeconds } from './calls';

it.each([
  [null, undefined],
  ['0', 0],
  ['7', 7],
  ['-1', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['9999999', 9999999],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
])('Retry-After %s means %s', (header, seconds) => {
  expect(retryAfterSeconds(header)).toBe(seconds);
});
