// Every screen in both themes: a picture for review, and nothing serious for axe.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Portal } from './portal.js';

for (const theme of ['light', 'dark']) {
  describe(`screens, ${theme}`, () => {
    let portal;

    before(async () => {
      portal = await Portal.open({ theme });
    });

    after(() => portal?.close());

    test('first run', async () => {
      await portal.get('first-run').waitFor();
      await portal.look(`first-run-${theme}`);
      await portal.get('open-folder').click();
      await portal.get('workspace-path').fill('/no/such/folder');
      await portal.get('workspace-open').click();
      await portal.get('error').waitFor();
      await portal.look(`first-run-refused-${theme}`);
    });

    test('home and its dialogs', async () => {
      await portal.createDemo();
      await portal.look(`home-${theme}`);
      for (const name of ['add-tenant', 'new-customer-a', 'import-customer-a']) {
        await portal.get(name).click();
        await portal.page.getByRole('dialog').waitFor();
        if (name === 'new-customer-a') await portal.page.getByRole('radio').first().waitFor();
        await portal.look(`${name}-${theme}`);
        await portal.page.keyboard.press('Escape');
        await portal.page.getByRole('dialog').waitFor({ state: 'detached' });
      }
    });

    test('routes and platform', async () => {
      await portal.get('go-routes').click();
      await portal.get('route-headers').fill('x-customer-id: nobody');
      await portal.page.locator('[data-testid=route-url]').fill('http://127.0.0.1/');
      await portal.get('route-test').click();
      await portal.get('decision').waitFor();
      await portal.look(`routes-${theme}`);
      await portal.get('go-platform').click();
      await portal.look(`platform-${theme}`);
    });

    test('adapter with bindings, an error, a publish and a replay', async () => {
      await portal.openAdapter();
      await portal.look(`bindings-${theme}`);
      await portal.typeAtStart('const broken = ;\n');
      await portal.untilChecked('some');
      assert.equal((await portal.publish()).good, false);
      await portal.look(`publish-refused-${theme}`);
      await portal.page.locator('.monaco-editor .view-line').first().click();
      await portal.page.keyboard.press('ControlOrMeta+Home');
      await portal.page.keyboard.press('Shift+ArrowDown');
      await portal.page.keyboard.press('Delete');
      await portal.untilChecked(0);
      assert.equal((await portal.publish()).good, true);
      await portal.look(`publish-${theme}`);
      await portal.replay('message');
      await portal.look(`replay-${theme}`);
      for (const view of ['response', 'request', 'outbound', 'logs']) {
        await portal.get(`tab-${view}`).click();
        await portal.look(`replay-${view}-${theme}`);
      }
    });

    test('a broken replay, its step and its export', async () => {
      await portal.get('breaks').locator('summary').first().click();
      await portal.get('fault-kind').selectOption('500');
      await portal.get('fault-upstream').selectOption('notion');
      await portal.get('fault-add').click();
      await portal.look(`replay-faults-${theme}`);
      await portal.replay('message');
      await portal.get('breaks').locator('summary').first().click();
      await portal.get('tab-trace').click();
      await portal.get('waterfall').locator('[data-kind=outbound]').first().click();
      await portal.get('span-detail').waitFor();
      await portal.look(`replay-broken-${theme}`);
      await portal.get('expect').click();
      await portal.get('expectation-diff').waitFor();
      await portal.look(`replay-expectation-${theme}`);
      await portal.page.keyboard.press('Escape');
      await portal.get('export').click();
      await portal.look(`export-${theme}`);
      await portal.page.keyboard.press('Escape');
    });

    test('compare, load and resilience', async () => {
      for (const mode of ['compare', 'load', 'resilience']) {
        await portal.get(`tab-${mode}`).click();
        await portal.look(`${mode}-empty-${theme}`);
      }
      await portal.get('tab-compare').click();
      await portal.get('compare-what').selectOption(':runs');
      await portal.get('compare-start').click();
      await portal.get('diff').locator('.view-line').first().waitFor();
      await portal.look(`compare-${theme}`);
      await portal.get('tab-load').click();
      for (const run of [1, 2]) {
        await portal.get('load-count').fill(String(100 * run));
        await portal.get('load-start').click();
        await portal.page.locator(`[data-testid=load-result][data-sent="${100 * run}"]`).waitFor();
      }
      await portal.get('load').locator('canvas').last().waitFor();
      await portal.look(`load-${theme}`);
      await portal.get('tab-resilience').click();
      await portal.get('resilience-message').check();
      await portal.get('resilience-start').click();
      await portal.get('resilience-report').waitFor({ timeout: 120_000 });
      await portal.look(`resilience-${theme}`);
    });

    test('deliveries, found and not found', async () => {
      await portal.get('go-deliveries').click();
      await portal.get('deliveries').getByRole('listbox').getByRole('option').first().click();
      await portal.get('trace').waitFor();
      await portal.look(`deliveries-${theme}`);
      await portal.get('history-text').fill('nothing-has-these-words');
      await portal.get('deliveries').getByText('No delivery meets these conditions.').waitFor();
      await portal.look(`deliveries-none-${theme}`);
    });
  });
}
