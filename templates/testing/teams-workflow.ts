// A workflow of Teams in memory: it takes cards and says nothing of what becomes of them.
import { type Fault, installFetch } from './fetch';

const PATH = 'powerautomate/automations/direct/workflows/0123456789abcdef/triggers/manual/paths/invoke';

/** As Teams shows it, with its port. */
export const TEAMS_URL = `https://default0.1.environment.api.powerplatform.com:443/${PATH}?api-version=1&sp=x&sig=example-signature-of-a-url`;

/** Puts a workflow in the place of the network. */
export function installWorkflow(fault: Fault = () => undefined) {
  const cards: Record<string, unknown>[] = [];
  const calls = installFetch(({ body }) => {
    const [attachment] = body.attachments as { content: Record<string, unknown> }[];
    cards.push(attachment?.content ?? {});
    return new Response(null, { status: 202 });
  }, fault);
  return { calls, cards };
}

/** The error body of a workflow's trigger. */
export function workflowError(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error: { code, message: `${code} happened.` } }, { status, headers });
}
