// What happens on GitHub is told in a Slack channel.
import { type Outcome, type WebhookEvent, deliver } from './deliveries';
import type { Env } from './env';
import { setting } from './errors';
import { type GitHubEvent, githubEvents } from './github';
import { newsOf } from './news';
import { slackPost } from './slack-blocks';
import { postOnce, slackWeb } from './slack-web';

/** So long GitHub keeps a delivery, which a person can send again under the same id. */
const KEPT_SECONDS = 3 * 24 * 3600;

export default {
  fetch(request: Request, env: Env): Promise<Response | object> {
    const sender = githubEvents(env.GITHUB_WEBHOOK_SECRET);
    return deliver(request, sender, (event, answerBy) => tell(event, env, answerBy));
  },
};

async function tell({ id, document }: WebhookEvent<GitHubEvent>, env: Env, answerBy: number): Promise<Outcome> {
  const news = newsOf(document);
  if (!news) return { status: 'ignored', reason: `no news: ${document.github_event}` };
  const slack = slackWeb(env.SLACK_BOT_TOKEN, answerBy);
  const post = slackPost(env.MAPPING, { ...document, news }, setting('SLACK_CHANNEL_ID', env.SLACK_CHANNEL_ID));
  const { ts, isDuplicate } = await postOnce(slack, post, id, Date.now() / 1000 - KEPT_SECONDS);
  return { status: isDuplicate ? 'duplicate' : 'posted', channel_id: post.channel, message_id: ts };
}
