// Runs a command with two platforms of its own, one of which takes few requests, and with adapters that sign samples, and
// says by environment variables where they are: for test runners that are not JavaScript.   node with-platform.js COMMAND…
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { samplesOf, SECRETS, Senders } from '../senders/bench.js';
import { Nowhere } from './nowhere.js';
import { Platform } from './platform.js';

const [command, ...args] = process.argv.slice(2);
const nowhere = await Nowhere.open();
const [senders, ...platforms] = await Promise.all([
  Senders.open(),
  Platform.start(),
  Platform.start({ apiRequests: '20/4' }),
]);
const places = platforms.flatMap((platform, index) => {
  const prefix = ['PATCHBAY', 'PATCHBAY_LIMITED'][index];
  return [
    [`${prefix}_API_URL`, platform.apiUrl],
    [`${prefix}_ACCOUNT_ID`, platform.accountId],
    [`${prefix}_TOKEN_FILE`, platform.tokenFile],
    [`${prefix}_DISPATCHER_URL`, platform.dispatcherUrl],
    [`${prefix}_LOG_FILE`, platform.logFile],
  ];
});
const providers = Object.keys(SECRETS);
const samples = providers.map((provider) => [provider, samplesOf(provider)]);
places.push([
  'PATCHBAY_SENDERS',
  JSON.stringify({ url: senders.url, token: senders.token, secrets: SECRETS, samples: Object.fromEntries(samples) }),
]);
let status;
try {
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...nowhere.environment(), ...Object.fromEntries(places) },
  });
  [status] = await once(child, 'exit');
} finally {
  await Promise.all([...platforms, senders, nowhere].map((started) => started.close()));
}
if (nowhere.attempts.length > 0) {
  process.stderr.write(`Something left this machine: ${nowhere.attempts.join(', ')}\n`);
  status = 1;
}
process.exitCode = status ?? 1;
