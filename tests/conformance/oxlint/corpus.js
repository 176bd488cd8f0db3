// The corpus under both linters: what each finds, as lines that can be compared.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PROGRAMS } from '../../support/home.js';

const run = promisify(execFile);
const CORPUS = join(import.meta.dirname, 'corpus');
const OXLINT = join(dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin/oxlint');

/** Rules that people rely on and oxlint has in another category than `correctness`. */
const BEYOND_CORRECTNESS = ['no-self-compare'];

// Where oxlint names the earlier of two places first, Patchbay names the later one, which is the mistake: the second
// key, the assignment to the constant. That place is oxlint's second label.
const LATER_PLACE = new Set([
  'no-class-assign',
  'no-const-assign',
  'no-dupe-class-members',
  'no-dupe-else-if',
  'no-dupe-keys',
  'no-duplicate-case',
]);

/** Paths of the snippets below the corpus, sorted. */
export async function snippets() {
  const entries = await readdir(CORPUS, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((file) => join(file.parentPath, file.name).slice(CORPUS.length + 1)).sort();
}

/** What a linter wrote as JSON; it ends with 1 when it finds errors. */
async function answer(program, args, home) {
  const environment = { PATH: process.env.PATH, HOME: home };
  const outcome = await run(program, args, { cwd: CORPUS, env: environment, maxBuffer: 64 << 20 }).catch((error) => {
    if (error.code === 1) return error;
    throw error;
  });
  return JSON.parse(outcome.stdout);
}

/** Ids of the rules that both linters have. */
async function sharedRules(home) {
  const own = await answer(
    join(PROGRAMS, 'patchbay'),
    ['lint', '--format', 'sarif', 'no-debugger/statements.js'],
    home,
  );
  const ids = new Set(own.runs[0].tool.driver.rules.map((rule) => rule.id));
  const theirs = await answer(process.execPath, [OXLINT, '--rules', '--format', 'json'], home);
  const compared = theirs.filter(
    ({ scope, value, category }) =>
      scope === 'eslint' && (category === 'correctness' || BEYOND_CORRECTNESS.includes(value)),
  );
  return new Set(compared.map(({ value }) => value).filter((rule) => ids.has(rule)));
}

const line = (file, rule, row, column) => `${file}:${row}:${column} ${rule}`;

/**
 * Findings of the shared rules as `file:line:column rule`, columns in UTF-16 units from 1, and the rules; `syntax` holds
 * what one of the parsers refused.
 */
export async function findings() {
  const home = await mkdtemp(join(tmpdir(), 'pb-oxlint-'));
  try {
    const rules = await sharedRules(home);
    const files = await snippets();
    const own = await answer(join(PROGRAMS, 'patchbay'), ['lint', '--format', 'json', ...files], home);
    const deny = ['correctness', ...BEYOND_CORRECTNESS].flatMap((what) => ['-D', what]);
    const theirs = await answer(process.execPath, [OXLINT, '--format', 'json', '-A', 'all', ...deny, '.'], home);
    const syntax = [];
    const patchbay = [];
    for (const { rule, file, range, message } of own.diagnostics) {
      if (rule === 'syntax') syntax.push(`${file}: ${message}`);
      if (rules.has(rule)) patchbay.push(line(file, rule, range.start_line, range.start_column));
    }
    const oxlint = [];
    for (const { code, filename, labels, message } of theirs.diagnostics) {
      if (!code) syntax.push(`${filename}: ${message}`);
      const rule = /^eslint\((.*)\)$/.exec(code)?.[1];
      if (!rules.has(rule)) continue;
      const { span } = labels[LATER_PLACE.has(rule) ? 1 : 0];
      oxlint.push(line(filename, rule, span.line, span.column));
    }
    return { rules, files, syntax, patchbay: patchbay.sort(), oxlint: oxlint.sort() };
  } finally {
    await rm(home, { recursive: true });
  }
}
