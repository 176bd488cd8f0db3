// An alert in a Slack channel becomes an incident in PagerDuty; replies in its thread acknowledge and resolve it.
import { readAlert } from './alert';
import { type Outcome, type WebhookEvent, deliver } from './deliveries';
import type { Env } from './env';
import { enqueue, pagerDuty, pagerDutyEvent } from './pagerduty-events';
import { type SlackMessage, slackMessages } from './slack';

export default {
  fetch(request: Request, env: Env): Promise<Response | object> {
    // Most alerts are written by monitoring, that is by other apps.
    const sender = slackMessages(env.SLACK_SIGNING_SECRET, { withBots: true });
    return deliver(request, sender, (message, answerBy) => raise(message, env, answerBy));
  },
};

/** A message that Slack sends again has the same `dedup_key`, by which PagerDuty knows its incident. */
async function raise({ document }: WebhookEvent<SlackMessage>, env: Env, answerBy: number): Promise<Outcome> {
  const alert = readAlert(document.event);
  if (alert.action === 'none') return { status: 'ignored', reason: alert.reason };
  const account = pagerDuty(env.PAGERDUTY_ROUTING_KEY, env.PAGERDUTY_HOST, answerBy);
  const event = pagerDutyEvent(env.MAPPING, { ...document, ...alert }, alert.action);
  const dedup_key = await enqueue(account, event);
  if (alert.action !== 'trigger') return { status: `${alert.action}d`, dedup_key };
  return { status: 'triggered', priority: alert.priority, dedup_key };
}
