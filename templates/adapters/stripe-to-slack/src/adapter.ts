// What happens with the money at Stripe is told in a Slack channel.
import { type Outcome, type WebhookEvent, deliver } from './deliveries';
import type { Env } from './env';
import { setting } from './errors';
import { newsOf } from './news';
import { slackPost } from './slack-blocks';
import { postOnce, slackWeb } from './slack-web';
import { type StripeEvent, stripeEvents } from './stripe';

/** So far Stripe's clock and Slack's may be apart. */
const CLOCKS_SECONDS = 300;

export default {
  fetch(request: Request, env: Env): Promise<Response | object> {
    const sender = stripeEvents(env.STRIPE_WEBHOOK_SECRET);
    return deliver(request, sender, (event, answerBy) => tell(event, env, answerBy));
  },
};

/** Looks into the channel first: Stripe sends an event again for three days when it saw no answer. */
async function tell({ id, document }: WebhookEvent<StripeEvent>, env: Env, answerBy: number): Promise<Outcome> {
  const news = newsOf(document);
  if (!news) return { status: 'ignored', reason: `no news: ${document.type}` };
  const slack = slackWeb(env.SLACK_BOT_TOKEN, answerBy);
  const post = slackPost(env.MAPPING, { ...document, news }, setting('SLACK_CHANNEL_ID', env.SLACK_CHANNEL_ID));
  const { ts, isDuplicate } = await postOnce(slack, post, id, document.created - CLOCKS_SECONDS);
  return { status: isDuplicate ? 'duplicate' : 'posted', channel_id: post.channel, message_id: ts };
}
