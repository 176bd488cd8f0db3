// Where the verdicts differ, each with its reason. A row that does not hold any more fails the test.

const SHADOWED = 'the name is declared in the file, so it is not the built-in; oxlint looks at the name only';
const HANDLER = 'the runtime hands these to `fetch`; adapters spell them out as every example of Workers does';
const EVAL = 'the same call, marked as a whole and not at the name';
const ASSERTION = 'parentheses and type assertions do not change what `typeof` is compared with';
const LOST = 'an assignment of a value to itself that oxlint does not look into';

/** Findings that only oxlint has. */
export const ONLY_OXLINT = new Map([
  ['adapter/careless.ts:3:33 no-unused-vars', HANDLER],
  ['adapter/careless.ts:3:57 no-unused-vars', HANDLER],
  ['getter-return/endless.js:2:14 getter-return', 'the getter never ends, so it never gives `undefined`'],
  ['getter-return/shadowed.js:2:58 getter-return', SHADOWED],
  ['no-async-promise-executor/shadowed.js:2:30 no-async-promise-executor', SHADOWED],
  [
    'no-cond-assign/parenthesised.js:6:14 no-cond-assign',
    'double parentheses say that the assignment is meant, as in `if ((a = b))`, where oxlint accepts them',
  ],
  ['no-eval/calls.js:3:14 no-eval', EVAL],
  ['no-eval/calls.js:4:7 no-eval', '`(0, eval)(…)` is not followed: what a sequence calls is left alone'],
  ['no-invalid-regexp/fine.js:3:42 no-invalid-regexp', SHADOWED],
  ['no-unused-vars/ambient-modules.ts:2:9 no-unused-vars', 'what `declare module` holds is there for other files'],
  ['no-unused-vars/parameters.js:12:24 no-unused-vars', HANDLER],
  ['no-unused-vars/parameters.js:12:29 no-unused-vars', HANDLER],
  ['use-isnan/shadowed.js:2:29 use-isnan', SHADOWED],
]);

/** Findings that only Patchbay has. */
export const ONLY_PATCHBAY = new Map([
  ['no-eval/calls.js:3:3 no-eval', EVAL],
  ['no-eval/calls.js:5:14 no-eval', '`new Function(…)` is `eval` by another name, and the runtime refuses both'],
  [
    'no-import-assign/members.js:11:15 no-import-assign',
    '`Object.assign(space, …)` writes into the module, and throws',
  ],
  ['no-obj-calls/more-calls.js:5:18 no-obj-calls', '`self` is the global object of a Worker, as `globalThis` is'],
  ['no-self-assign/more-patterns.js:7:13 no-self-assign', LOST],
  ['no-self-assign/patterns.js:6:22 no-self-assign', LOST],
  [
    'no-unsafe-finally/labels.js:8:19 no-unsafe-finally',
    '`continue outer` leaves the `finally` as `break outer` does, which oxlint reports',
  ],
  [
    'no-unsafe-optional-chaining/operators.js:9:8 no-unsafe-optional-chaining',
    '`call(...undefined)` throws as `[...undefined]` does, which oxlint reports',
  ],
  [
    'no-unsafe-optional-chaining/parameters.js:1:27 no-unsafe-optional-chaining',
    'the default of a parameter is destructured as the default inside of a pattern is, which oxlint reports',
  ],
  ['valid-typeof/typescript.ts:1:48 valid-typeof', ASSERTION],
  ['valid-typeof/typescript.ts:1:85 valid-typeof', ASSERTION],
  ['valid-typeof/typescript.ts:1:108 valid-typeof', ASSERTION],
]);
