// Events that name a person get what Salesforce knows about them, and go on to any JSON API.
import { type Outcome, type WebhookEvent, deliver } from './deliveries';
import type { Env } from './env';
import { jsonBody, jsonTarget, post } from './json-target';
import { findPerson, personIn } from './people';
import { salesforce } from './salesforce';
import { standardWebhooks } from './standard-webhooks';

export default {
  fetch(request: Request, env: Env): Promise<Response | object> {
    const sender = standardWebhooks(env.WEBHOOK_SECRET);
    return deliver(request, sender, (event, answerBy) => enrich(event, env, answerBy));
  },
};

/** Somebody whom Salesforce does not know is no error: their events go on with the mapping's defaults. */
async function enrich(
  { id, document }: WebhookEvent<Record<string, unknown>>,
  env: Env,
  answerBy: number,
): Promise<Outcome> {
  const org = salesforce(env.SALESFORCE_DOMAIN, env.SALESFORCE_CLIENT_ID, env.SALESFORCE_CLIENT_SECRET, answerBy);
  const target = jsonTarget(env.TARGET_URL, env.TARGET_AUTHORIZATION, answerBy);
  const found = await findPerson(org, personIn(env.PERSON_EMAIL, document), env.MAPPING);
  const status = await post(target, jsonBody(env.MAPPING, { ...document, ...found }), id);
  return { status: 'delivered', event_id: id, person: found.person, target_status: status };
}
