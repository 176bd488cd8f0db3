import { describe, expect, it } from 'vitest';
import { collectLog } from '../testing/deliver';
import { UNCLEAR, atCall, silence } from '../testing/fetch';
import { TEAMS_URL, installWorkflow, workflowError } from '../testing/teams-workflow';
import { teamsMessage } from './teams-card';
import { postCard, teamsWorkflow } from './teams-workflow';

collectLog();
const message = teamsMessage({ text: 'hello' }, {});
const post = (withinMs = 2000) => postCard(teamsWorkflow(TEAMS_URL, Date.now() + withinMs), message);

it('hands the card to the workflow', async () => {
  const { calls } = installWorkflow();
  await post();
  expect(calls.map(({ method, url, body }) => [method, url, body])).toEqual([['POST', TEAMS_URL, message]]);
  expect(Object.fromEntries(calls[0]?.headers ?? [])).toEqual({ 'content-type': 'application/json' });
});

describe('when Teams fails', () => {
  it.each<[string, () => Response | Promise<Response>]>([
    ['5xx-applied: 500', () => workflowError(500, 'InternalServerError')],
    ['502 with a page', () => new Response('<html>', { status: 502 })],
    ['408', () => workflowError(408, 'RequestTimeout')],
    ['a reset connection', () => Promise.reject(new TypeError('connection reset'))],
  ])('after %s it does not repeat the card blindly, but lets the sender do so', async (_, answer) => {
    const { calls } = installWorkflow(atCall(1, answer));
    await expect(post()).rejects.toMatchObject({ status: 503, code: 'teams_unavailable', retry: 'again' });
    expect(calls).toHaveLength(1);
  });

  it('204-json: minds no answer of 2xx, whatever is in it', async () => {
    for (const [, answer] of UNCLEAR.slice(0, 3)) {
      installWorkflow(atCall(1, answer));
      await post();
    }
  });

  it('waits after 429 as long as Teams asks, if there is time', async () => {
    const limited = (seconds: string) => () =>
      workflowError(429, 'WorkflowTriggerThrottled', { 'retry-after': seconds });
    const { cards } = installWorkflow(atCall(1, limited('1')));
    await post();
    expect(cards).toHaveLength(1);
    installWorkflow(atCall(1, limited('60')));
    await expect(post()).rejects.toMatchObject({ retry: 'again', retryAfterSeconds: 60 });
  });

  it('does not wait longer than the sender', async () => {
    installWorkflow(atCall(1, silence));
    await expect(post(50)).rejects.toMatchObject({ message: 'Teams did not answer in time' });
  });

  it.each([
    [400, 'TriggerInputSchemaMismatch', 'Check in Power Automate'],
    [401, 'AuthorizationFailed', 'Copy TEAMS_WORKFLOW_URL again'],
    [404, 'WorkflowNotFound', 'Copy TEAMS_WORKFLOW_URL again'],
    [307, 'Moved', 'Check in Power Automate'],
  ])('after %i %s it says what to correct, without the address', async (status, code, advice) => {
    installWorkflow(atCall(1, () => workflowError(status, code)));
    const error = (await post().catch((caught: unknown) => caught)) as Error;
    expect(error).toMatchObject({ status: 500, retry: 'never' });
    expect(error.message).toContain(`Teams answered ${status} ${code}: ${code} happened.. ${advice}`);
    expect(error.message).not.toContain('example-signature');
  });
});

it.each([
  ['', 'TEAMS_WORKFLOW_URL is not set'],
  ['not an address', 'is not the address of a workflow'],
  [TEAMS_URL.replace('https', 'http'), 'is not the address of a workflow'],
  [TEAMS_URL.replace('&sig=example-signature-of-a-url', ''), 'is not the address of a workflow'],
  ['https://example.webhook.office.com/webhookb2/x?sig=y', 'is not the address of a workflow'],
  ['https://logic.azure.com.evil.example/workflows/x?sig=y', 'is not the address of a workflow'],
  ['https://169.254.169.254/?sig=y', 'is not the address of a workflow'],
  [`${TEAMS_URL}\n`, 'TEAMS_WORKFLOW_URL begins or ends with white space'],
])('ssrf, sig-newline-secret: refuses the address %j without repeating it', (url, message) => {
  expect(() => teamsWorkflow(url, 0)).toThrow(message);
  expect(() => teamsWorkflow(url, 0)).not.toThrow(/example-signature|evil|169/);
});
