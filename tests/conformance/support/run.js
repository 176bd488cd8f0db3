// Runs the tests of foreign clients on the Node that the newest of those clients want, whatever Node this is.
//   run.js [FILE…]      every test when no file is named
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const NODE = createRequire(import.meta.url).resolve(`node-linux-${process.arch}/bin/node`);
const FOLDER = join(import.meta.dirname, '..');
const OPTIONS = ['--test', '--test-concurrency=2', '--test-timeout=600000', '--test-reporter=spec'];

const every = () =>
  readdirSync(FOLDER, { recursive: true })
    .filter((file) => file.endsWith('.test.js'))
    .sort()
    .map((file) => join(FOLDER, file));

const named = process.argv.slice(2);
const tests = spawn(NODE, [...OPTIONS, ...(named.length > 0 ? named : every())], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tests.kill(signal));
const [status] = await once(tests, 'exit');
process.exitCode = status ?? 1;
