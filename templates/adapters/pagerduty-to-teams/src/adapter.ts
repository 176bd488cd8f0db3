// What happens to incidents in PagerDuty appears in a Teams channel.
import { type Outcome, type WebhookEvent, deliver } from './deliveries';
import type { Env } from './env';
import { newsOf } from './news';
import { type PagerDutyWebhook, pagerDutyWebhooks } from './pagerduty';
import { isRemembered, remember } from './remembered';
import { teamsMessage } from './teams-card';
import { postCard, teamsWorkflow } from './teams-workflow';

/** So long PagerDuty sends an event again. */
const SENT_AGAIN_SECONDS = 48 * 3600;

export default {
  fetch(request: Request, env: Env): Promise<Response | object> {
    const sender = pagerDutyWebhooks(env.PAGERDUTY_WEBHOOK_SECRET);
    return deliver(request, sender, (event, answerBy) => show(event, env, answerBy));
  },
};

/** A workflow cannot be asked what it posted. When that is not clear, a second card is better than a missed incident. */
async function show({ id, document }: WebhookEvent<PagerDutyWebhook>, env: Env, answerBy: number): Promise<Outcome> {
  const news = newsOf(document);
  if (!news) return { status: 'ignored', reason: `no news: ${document.event.event_type}` };
  const workflow = teamsWorkflow(env.TEAMS_WORKFLOW_URL, answerBy);
  const message = teamsMessage(env.MAPPING, { ...document, news });
  if (await isRemembered(id)) return { status: 'duplicate', event_id: id };
  await postCard(workflow, message);
  await remember(id, SENT_AGAIN_SECONDS);
  return { status: 'posted', event_id: id };
}
