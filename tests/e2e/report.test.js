// The report of a run in a browser that has no network: it opens, asks nobody for anything, runs nothing, and can be read
// in both colour schemes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Home, PROGRAMS } from '../support/home.js';
import { launched, OUTPUT, seriousIn } from './browser.js';

const RUN = `
set -e
patchbay=$0/patchbay
"$patchbay" demo --workspace "$HOME/demo" >/dev/null
# One call fails, so that the answer differs from what is expected: the command says so by its status.
"$patchbay" --workspace "$HOME/demo" replay customer-a/slack-to-notion --all --fault notion#1:429:retry-after=0 \\
  --junit "$HOME/run.xml" --report "$HOME/report.html" >/dev/null || [ $? -eq 1 ]
`;

for (const colorScheme of ['light', 'dark']) {
  describe(`report, ${colorScheme}`, () => {
    let home;
    let browser;
    let page;
    const asked = [];
    const complaints = [];

    before(async () => {
      home = await Home.create();
      const made = home.start('bash', ['-c', RUN, PROGRAMS]);
      const [status] = await once(made, 'exit');
      assert.equal(status, 0, 'the run is made; PATCHBAY_TEST_VERBOSE=1 shows what it said');
      browser = await launched();
      const context = await browser.newContext({ colorScheme, offline: true, viewport: { width: 1280, height: 900 } });
      page = await context.newPage();
      page.on('request', (request) => asked.push(request.url()));
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(pathToFileURL(join(home.folder, 'report.html')).href);
    });

    after(async () => {
      await browser?.close();
      await home?.remove();
    });

    test('it opens without a network and asks for nothing but itself', async () => {
      assert.match(await page.title(), /^Replay report: customer-a\/slack-to-notion$/);
      await page.waitForLoadState('networkidle');
      assert.deepEqual(asked, [page.url()]);
      assert.deepEqual(complaints, []);
      assert.equal(await page.locator('script, link, iframe, img').count(), 0, 'nothing in it could load or run');
    });

    test('it shows every delivery with its times, calls and differences', async () => {
      const rows = await page.locator('main > section:first-child tbody tr').count();
      const junit = await readFile(join(home.folder, 'run.xml'), 'utf8');
      assert.equal(rows, junit.match(/<testcase /g).length, 'as many as JUnit counts');
      assert.equal(await page.locator('svg.waterfall').count(), rows);
      const first = page.locator('section[aria-labelledby=delivery-0]');
      await first
        .locator('details')
        .first()
        .evaluate((details) => (details.open = true));
      for (const said of [
        'attempt 2',
        'by',
        'Region',
        'eu',
        'Rule',
        '429',
        'Outbound calls',
        '<redacted:NOTION_TOKEN>',
      ]) {
        assert.ok((await first.textContent()).includes(said), `${said} is there`);
      }
    });

    test('it can be read by everybody', async () => {
      await page.locator('details').evaluateAll((all) => all.forEach((details) => (details.open = true)));
      await page.screenshot({ path: join(OUTPUT, `report-${colorScheme}.png`) });
      assert.deepEqual(await seriousIn(page), [], 'axe finds nothing serious');
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.ok(wide <= 0, 'nothing sticks out to the right');
    });
  });
}
