// Runs a command with a platform of its own and says by environment variables where that is: for test runners that are
// not JavaScript.   node with-platform.js COMMAND…
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Nowhere } from './nowhere.js';
import { Platform } from './platform.js';

const [command, ...args] = process.argv.slice(2);
const platform = await Platform.start();
const nowhere = await Nowhere.open();
let status;
try {
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      ...nowhere.environment(),
      PATCHBAY_API_URL: platform.apiUrl,
      PATCHBAY_ACCOUNT_ID: platform.accountId,
      PATCHBAY_TOKEN_FILE: platform.tokenFile,
      PATCHBAY_DISPATCHER_URL: platform.dispatcherUrl,
      PATCHBAY_LOG_FILE: platform.logFile,
    },
  });
  [status] = await once(child, 'exit');
} finally {
  await Promise.all([platform.close(), nowhere.close()]);
}
if (nowhere.attempts.length > 0) {
  process.stderr.write(`Something left this machine: ${nowhere.attempts.join(', ')}\n`);
  status = 1;
}
process.exitCode = status ?? 1;
