// The browser of this machine, and what axe says about a page in it.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

/** Where pictures go. */
export const OUTPUT = join(import.meta.dirname, 'output');

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome'];

/** What axe calls an impact that keeps somebody from using the page. */
const GRAVE = new Set(['serious', 'critical']);

/** A browser that was started for the caller, who closes it. */
export function launched() {
  return chromium.launch({ executablePath: executable(), args: ['--no-sandbox'] });
}

/** What axe finds on a page that keeps somebody from using it, one line each. */
export async function seriousIn(page, exclude = []) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((exclude) => window.axe.run({ exclude }), exclude);
  return violations
    .filter(({ impact }) => GRAVE.has(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

function executable() {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of BROWSERS) {
      if (existsSync(join(folder, name))) return join(folder, name);
    }
  }
  throw new Error(`None of ${BROWSERS.join(', ')} is in PATH. Run \`make setup-tests\`.`);
}
