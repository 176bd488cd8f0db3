// A workflow of Teams (Power Automate) that posts cards into a channel. Its URL is the credential.
// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
import { isRecord } from './body';
import { type Upstream, send } from './calls';
import { misconfigured, setting } from './errors';
import type { TeamsMessage } from './teams-card';

export interface TeamsWorkflow extends Upstream {
  url: string;
}

/** The binding TEAMS_WORKFLOW_URL, and when the sender stops waiting, in Unix milliseconds. */
export function teamsWorkflow(url: string | undefined, answerBy: number): TeamsWorkflow {
  const address = setting('TEAMS_WORKFLOW_URL', url);
  // The value itself must not stand in the message: it is a secret.
  if (!isWorkflow(address)) {
    throw misconfigured(
      'TEAMS_WORKFLOW_URL is not the address of a workflow; copy it again from the workflow in Teams',
    );
  }
  return {
    name: 'Teams',
    headers: {},
    answerBy,
    said,
    advice(status) {
      if ([401, 403, 404].includes(status)) return 'Copy TEAMS_WORKFLOW_URL again from the workflow in Teams';
      return 'Check in Power Automate that the workflow is on and takes a message with attachments';
    },
    // The trigger gave up waiting for its own service.
    passes: (status) => status === 408,
    url: address,
  };
}

/**
 * Hands the card to the workflow. 202 means that it has it; what happens in it nobody is told. Not repeated blindly: a
 * workflow knows no idempotency key.
 */
export async function postCard(workflow: TeamsWorkflow, message: TeamsMessage): Promise<void> {
  const response = await send(workflow, { method: 'POST', url: workflow.url, body: message, repeatable: false });
  await response.body?.cancel();
}

function isWorkflow(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, searchParams } = new URL(address);
  const isKnown = /\.(logic\.azure\.com|environment\.api\.powerplatform\.com)$/.test(hostname);
  return protocol === 'https:' && isKnown && Boolean(searchParams.get('sig'));
}

function said(body: unknown): string {
  if (!isRecord(body) || !isRecord(body.error)) return '';
  return [body.error.code, body.error.message]
    .filter((text) => typeof text === 'string')
    .join(': ')
    .slice(0, 300);
}
