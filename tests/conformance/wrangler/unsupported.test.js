// Commands of wrangler that know no dispatch namespace: they must fail on their own, before they ask anything of an
// account-level Worker of the same name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asked } from '../support/relay.js';
import { SERVED } from '../support/platform.js';
import { Bench } from './bench.js';

const COMMANDS = [
  ['W30', 'secret put', ['secret', 'put', 'API_KEY']],
  ['W31', 'secret list', ['secret', 'list']],
  ['W32', 'secret delete', ['secret', 'delete', 'API_KEY']],
  ['W33', 'secret bulk', ['secret', 'bulk', 'secrets.json']],
  ['W34', 'delete', ['delete']],
  ['W35', 'tail', ['tail']],
  ['W36', 'versions upload', ['versions', 'upload']],
  ['W36', 'deployments list', ['deployments', 'list']],
];

let bench;
before(async () => {
  bench = await Bench.open();
});
after(() => bench?.close());

for (const [number, name, command] of COMMANDS) {
  test(`${number} \`wrangler ${name}\` takes no dispatch namespace and calls nobody`, async () => {
    const folder = await bench.project({ name: 'acme-notes' }, { 'secrets.json': '{"API_KEY":"example"}' });
    const run = await bench.run([...command, '--dispatch-namespace', SERVED], { folder, input: 'example\n' });
    assert.equal(run.status, 1, run.said);
    assert.match(run.errors, /Unknown arguments: dispatch-namespace, dispatchNamespace/);
    assert.deepEqual(asked(run.calls), []);
  });
}

test('nothing left this machine', () => {
  assert.deepEqual(bench.nowhere.attempts, []);
});
