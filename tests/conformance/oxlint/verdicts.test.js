// The rules that Patchbay shares with oxlint give the verdicts of the real oxlint, at the same places.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { findings } from './corpus.js';
import { ONLY_OXLINT, ONLY_PATCHBAY } from './differences.js';

let found;
before(async () => {
  found = await findings();
});

/** What stands in the first list and not in the second, each as often as it is too many. */
function without(list, other) {
  const left = new Map();
  for (const finding of other) left.set(finding, (left.get(finding) ?? 0) + 1);
  return list.filter((finding) => {
    const count = left.get(finding) ?? 0;
    left.set(finding, count - 1);
    return count <= 0;
  });
}

test('both linters can read every snippet', () => {
  assert.ok(found.files.length >= 150, `${found.files.length} snippets`);
  assert.deepEqual(found.syntax, []);
});

test('what oxlint finds Patchbay finds at the same place, but for the differences with a reason', () => {
  assert.deepEqual(without(found.oxlint, found.patchbay), [...ONLY_OXLINT.keys()].sort());
});

test('Patchbay finds nothing more, but for the differences with a reason', () => {
  assert.deepEqual(without(found.patchbay, found.oxlint), [...ONLY_PATCHBAY.keys()].sort());
});

test('every shared rule speaks in the corpus', (t) => {
  const silent = [...found.rules].filter((rule) => !found.oxlint.some((line) => line.endsWith(` ${rule}`)));
  assert.deepEqual(silent, []);
  const equal = found.oxlint.length - ONLY_OXLINT.size;
  t.diagnostic(`${found.files.length} snippets, ${found.rules.size} rules, ${equal} equal verdicts`);
});
