//! What an import reads from Workers as customers write them, each in a style of its own.

use patchbay_core::BindingKind::{self, KvNamespace, PlainText, SecretText};
use patchbay_lint::{ModuleSyntax, infer};

/// What is expected of one Worker.
#[derive(Default)]
struct Expected<'a> {
    bindings: &'a [(&'a str, BindingKind)],
    undeclarable: &'a [&'a str],
    hosts: &'a [&'a str],
    provider: Option<&'a str>,
    signing_secret: Option<&'a str>,
    syntax: Option<ModuleSyntax>,
}

fn check(files: &[(&str, &str)], expected: &Expected<'_>) {
    let inferred = infer(files, Some(files[0].0)).expect("inferring works");
    let bindings: Vec<_> = inferred.bindings.iter().map(|binding| (binding.name.as_str(), binding.kind)).collect();
    let undeclarable: Vec<&str> = inferred.undeclarable.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(bindings, expected.bindings, "bindings of {}", files[0].1);
    assert_eq!(undeclarable, expected.undeclarable, "bindings without a kind of {}", files[0].1);
    assert_eq!(inferred.hosts, expected.hosts, "hosts of {}", files[0].1);
    assert_eq!(inferred.provider.as_deref(), expected.provider, "provider of {}", files[0].1);
    assert_eq!(inferred.signing_secret.as_deref(), expected.signing_secret, "signing secret of {}", files[0].1);
    assert_eq!(inferred.syntax, expected.syntax.unwrap_or(ModuleSyntax::EsModule), "syntax of {}", files[0].1);
}

#[test]
fn a_module_with_helpers_that_take_env() {
    let code = "
const API = 'https://api.pagerduty.com';
async function verify(request, env, body) {
  const given = request.headers.get('X-Hub-Signature-256');
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(env.GITHUB_SECRET), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  return crypto.subtle.verify('HMAC', key, given, body);
}
const trigger = (env, title) => fetch(`${API}/incidents`, { method: 'POST', headers: { authorization: `Token token=${env.PD_API_KEY}`, from: env.PD_FROM }, body: title });
export default {
  async fetch(request, env) {
    const body = await request.arrayBuffer();
    if (!(await verify(request, env, body))) return new Response('no', { status: 401 });
    await trigger(env, 'x');
    return new Response('ok');
  },
};";
    check(
        &[("src/index.js", code)],
        &Expected {
            bindings: &[("GITHUB_SECRET", SecretText), ("PD_API_KEY", SecretText), ("PD_FROM", PlainText)],
            hosts: &["api.pagerduty.com"],
            provider: Some("github"),
            signing_secret: Some("GITHUB_SECRET"),
            ..Expected::default()
        },
    );
}

#[test]
fn a_typed_module_with_destructured_env_and_storage() {
    let code = "
interface Env { STRIPE_WEBHOOK_SECRET: string; STRIPE_KEY: string; SEEN: KVNamespace; PLAN: string }
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { STRIPE_WEBHOOK_SECRET, SEEN, PLAN, ...rest } = env;
    const signature = request.headers.get('stripe-signature');
    if (await SEEN.get(signature!)) return Response.json({ duplicate: true, PLAN });
    await SEEN.put(signature!, '1', { expirationTtl: 60 });
    return fetch(new URL('/v1/refunds', 'https://api.stripe.com'), { headers: { authorization: `Bearer ${rest.STRIPE_KEY}`, x: STRIPE_WEBHOOK_SECRET } });
  },
} satisfies ExportedHandler<Env>;";
    check(
        &[("src/index.ts", code)],
        &Expected {
            bindings: &[("PLAN", PlainText), ("SEEN", KvNamespace), ("STRIPE_WEBHOOK_SECRET", SecretText)],
            hosts: &["api.stripe.com"],
            provider: Some("stripe"),
            signing_secret: Some("STRIPE_WEBHOOK_SECRET"),
            ..Expected::default()
        },
    );
    let inferred = infer(&[("src/index.ts", code)], None).expect("inferring works");
    assert!(inferred.may_read_more, "`...rest` may hold any other binding");
}

#[test]
fn a_service_worker_with_globals() {
    let code = "
addEventListener('fetch', (event) => event.respondWith(handle(event.request)));
async function handle(request) {
  const timestamp = request.headers.get('X-Slack-Request-Timestamp');
  await CACHE.put('last', timestamp);
  console.log(JSON.stringify({ at: Math.floor(Date.now() / 1000), URL }));
  return fetch('https://hooks.example.com/in', { method: 'POST', body: SLACK_SIGNING_SECRET + CHANNEL_ID });
}";
    check(
        &[("worker.js", code)],
        &Expected {
            bindings: &[("CACHE", KvNamespace), ("CHANNEL_ID", PlainText), ("SLACK_SIGNING_SECRET", SecretText)],
            hosts: &["hooks.example.com"],
            provider: Some("slack"),
            signing_secret: Some("SLACK_SIGNING_SECRET"),
            syntax: Some(ModuleSyntax::ServiceWorker),
            ..Expected::default()
        },
    );
}

#[test]
fn a_router_that_hands_env_on() {
    let code = "
import { Hono } from 'hono';
import { WebClient } from '@slack/web-api';
const app = new Hono();
app.post('/github', async (c) => {
  if (c.req.header('x-github-event') === 'ping') return c.text('pong');
  const slack = new WebClient(c.env.SLACK_BOT_TOKEN);
  await slack.chat.postMessage({ channel: c.env.CHANNEL, text: 'hi' });
  await c.env.SEEN.put('a', 'b');
  return c.json({ ok: true, secret: Boolean(c.env.GITHUB_WEBHOOK_SECRET) });
});
export default app;";
    check(
        &[("src/index.ts", code)],
        &Expected {
            bindings: &[
                ("CHANNEL", PlainText),
                ("GITHUB_WEBHOOK_SECRET", SecretText),
                ("SEEN", KvNamespace),
                ("SLACK_BOT_TOKEN", SecretText),
            ],
            hosts: &["slack.com"],
            provider: Some("github"),
            signing_secret: Some("GITHUB_WEBHOOK_SECRET"),
            ..Expected::default()
        },
    );
}

#[test]
fn a_class_with_clients_in_other_files() {
    let entry = "
import { WorkerEntrypoint } from 'cloudflare:workers';
import { HubSpot } from './hubspot';
export default class extends WorkerEntrypoint {
  async fetch(request: Request) {
    const client = new HubSpot(this.env.HUBSPOT_ACCESS_TOKEN);
    const secret = this.env.HUBSPOT_CLIENT_SECRET;
    const version = request.headers.get('X-HubSpot-Signature-v3');
    await this.env.JOBS.send({ version, secret });
    return client.contact(await request.text());
  }
}";
    let client = "
const ENDPOINTS = { crm: 'https://api-eu1.hubapi.com', app: 'https://app.hubspot.com' };
export class HubSpot {
  constructor(private token: string) {}
  contact(body: string) { return this.send(body); }
  private send(body: string) { return fetch(`${ENDPOINTS.crm}/crm/v3/objects/contacts`, { method: 'POST', body, headers: { authorization: `Bearer ${this.token}` } }); }
}";
    check(
        &[("src/worker.ts", entry), ("src/hubspot.ts", client)],
        &Expected {
            bindings: &[("HUBSPOT_ACCESS_TOKEN", SecretText), ("HUBSPOT_CLIENT_SECRET", SecretText)],
            undeclarable: &["JOBS"],
            hosts: &["api-eu1.hubapi.com"],
            provider: Some("hubspot"),
            signing_secret: Some("HUBSPOT_CLIENT_SECRET"),
            ..Expected::default()
        },
    );
}

#[test]
fn common_js_with_node_modules() {
    let code = "
const Stripe = require('stripe');
const stripe = new Stripe(process.env.STRIPE_SECRET_KEY);
module.exports = {
  async fetch(request) {
    const event = stripe.webhooks.constructEvent(await request.text(), request.headers.get('Stripe-Signature'), process.env.STRIPE_WEBHOOK_SECRET);
    return new Response(event.id);
  },
};";
    check(
        &[("index.js", code)],
        &Expected {
            bindings: &[("STRIPE_SECRET_KEY", SecretText), ("STRIPE_WEBHOOK_SECRET", SecretText)],
            hosts: &["api.stripe.com"],
            provider: Some("stripe"),
            signing_secret: Some("STRIPE_WEBHOOK_SECRET"),
            syntax: Some(ModuleSyntax::CommonJs),
            ..Expected::default()
        },
    );
}

#[test]
fn axios_with_an_instance_and_options() {
    let code = "
import axios from 'axios';
import ky from 'ky';
import { env } from 'cloudflare:workers';
const jira = axios.create({ baseURL: 'https://acme.atlassian.net/rest/api/3', auth: { username: env.JIRA_USER, password: env.JIRA_PASS } });
export default {
  async fetch(request) {
    await jira.post('/issue', await request.json());
    await ky.post('https://events.eu.pagerduty.com/v2/enqueue', { json: {} });
    await axios({ method: 'post', url: 'https://api.airtable.com/v0/x' });
    return new Response('ok');
  },
};";
    check(
        &[("src/index.js", code)],
        &Expected {
            bindings: &[("JIRA_PASS", SecretText), ("JIRA_USER", PlainText)],
            hosts: &["acme.atlassian.net", "api.airtable.com", "events.eu.pagerduty.com"],
            ..Expected::default()
        },
    );
}

#[test]
fn a_helper_that_is_given_urls_and_a_choice_of_hosts() {
    let code = "
const send = async (url, init) => { const answer = await fetch(url, init); if (!answer.ok) throw new Error(url); return answer; };
export default {
  async fetch(request, env, ctx) {
    const base = env.REGION === 'eu' ? 'https://api.eu.pagerduty.com' : 'https://api.pagerduty.com';
    await send('https://api.notion.com/v1/pages', { headers: { authorization: `Bearer ${env.NOTION_KEY}` } });
    await send(env.SLACK_WEBHOOK_URL, { method: 'POST' });
    ctx.waitUntil(fetch(base + '/incidents', { headers: { authorization: env.PAGERDUTY_AUTH } }));
    return new Response(null, { status: 204 });
  },
};";
    check(
        &[("src/index.js", code)],
        &Expected {
            bindings: &[
                ("NOTION_KEY", SecretText),
                ("PAGERDUTY_AUTH", SecretText),
                ("REGION", PlainText),
                ("SLACK_WEBHOOK_URL", SecretText),
            ],
            hosts: &["api.eu.pagerduty.com", "api.notion.com", "api.pagerduty.com"],
            ..Expected::default()
        },
    );
}

#[test]
fn standard_webhooks_with_a_database_and_a_durable_object() {
    let code = "
import { Webhook } from 'standardwebhooks';
export default {
  async fetch(request, env) {
    const event = new Webhook(env.WHSEC).verify(await request.text(), Object.fromEntries(request.headers));
    await env.DB.prepare('insert into events values (?)').bind(event.id).run();
    const room = env.ROOMS.get(env.ROOMS.idFromName(event.room));
    await env.ARCHIVE.head('x');
    return room.fetch(request);
  },
};";
    check(
        &[("src/index.js", code)],
        &Expected {
            bindings: &[("WHSEC", SecretText)],
            undeclarable: &["ARCHIVE", "DB", "ROOMS"],
            provider: Some("standard-webhooks"),
            signing_secret: Some("WHSEC"),
            ..Expected::default()
        },
    );
}

#[test]
fn helpers_that_take_the_url_out_of_options() {
    let calls = "
const PAGES = 'https://api.notion.com/v1/pages';
export const write = (to) => send(to, { method: 'POST', url: PAGES });
export const tell = (to) => send(to, { method: 'POST', to: { href: `https://slack.com/api/${to}` }, ...elsewhere });
const elsewhere = { url: 'https://api.airtable.com/v0' };
async function send(to, request) {
  if (request.to) await fetch(request.to.href);
  return sendOnce(to, request);
}
async function sendOnce(to, { method, url, body = null }) {
  return await fetch(url, { method, body });
}
export async function again(list) { return again(list); }
";
    let entry = "import { tell, write } from './calls';
export default { async fetch() { await write('a'); await tell('b'); return {}; } };
";
    check(
        &[("src/index.js", entry), ("src/calls.js", calls)],
        &Expected { hosts: &["api.airtable.com", "api.notion.com", "slack.com"], ..Expected::default() },
    );
}

#[test]
fn paypal_with_the_host_in_a_table_and_names_about_secrets() {
    let code = "
const HOSTS = { live: 'https://api-m.paypal.com', sandbox: 'https://api-m.sandbox.paypal.com' };
async function token({ PAYPAL_CLIENT_ID, PAYPAL_CLIENT_SECRET, MODE }) {
  const answer = await fetch(`${HOSTS[MODE]}/v1/oauth2/token`, { headers: { authorization: 'Basic ' + btoa(`${PAYPAL_CLIENT_ID}:${PAYPAL_CLIENT_SECRET}`) } });
  return (await answer.json()).access_token;
}
export default {
  async fetch(request, env) {
    const id = request.headers.get('paypal-transmission-id');
    const bearer = await token(env);
    await fetch(HOSTS.live + '/v1/notifications/verify-webhook-signature', { headers: { authorization: `Bearer ${bearer}` }, body: JSON.stringify({ id, webhook_id: env.PAYPAL_WEBHOOK_ID }) });
    return Response.redirect(env.TOKEN_URL + env.SECRET_NAME);
  },
};";
    check(
        &[("src/index.js", code)],
        &Expected {
            bindings: &[
                ("MODE", PlainText),
                ("PAYPAL_CLIENT_ID", PlainText),
                ("PAYPAL_CLIENT_SECRET", SecretText),
                ("PAYPAL_WEBHOOK_ID", PlainText),
                ("SECRET_NAME", PlainText),
                ("TOKEN_URL", PlainText),
            ],
            hosts: &["api-m.paypal.com", "api-m.sandbox.paypal.com"],
            provider: Some("paypal"),
            ..Expected::default()
        },
    );
}

#[test]
fn teams_with_an_exported_handler_and_an_aliased_fetch() {
    let code = "
const post = globalThis.fetch;
const handler = { fetch: onRequest };
export { handler as default };
async function onRequest(req: Request, bindings: { TEAMS_SECURITY_TOKEN: string; AIRTABLE_PAT: string; BASE_ID: string }) {
  const authorization = req.headers.get('Authorization');
  if (!authorization?.startsWith('HMAC ')) return new Response('no', { status: 401 });
  await post(`https://api.airtable.com/v0/${bindings.BASE_ID}/Tasks`, { headers: { authorization: `Bearer ${bindings['AIRTABLE_PAT']}` } });
  return Response.json({ type: 'message', text: bindings.TEAMS_SECURITY_TOKEN.length });
}";
    check(
        &[("src/index.ts", code)],
        &Expected {
            bindings: &[("AIRTABLE_PAT", SecretText), ("BASE_ID", PlainText), ("TEAMS_SECURITY_TOKEN", SecretText)],
            hosts: &["api.airtable.com"],
            provider: Some("teams"),
            ..Expected::default()
        },
    );
}

#[test]
fn minified_code_of_a_bundler() {
    let code = "var a='https://api.notion.com/v1',b=async(c,d)=>fetch(a+c,{method:'POST',headers:{authorization:'Bearer '+d.NOTION_TOKEN}}),e={async fetch(f,g){let h=f.headers.get('x-pagerduty-signature');return h&&await b('/pages',g),new Response(g.PAGERDUTY_SIGNING_SECRET?'ok':'no')}};export{e as default};";
    check(
        &[("dist/index.js", code)],
        &Expected {
            bindings: &[("NOTION_TOKEN", SecretText), ("PAGERDUTY_SIGNING_SECRET", SecretText)],
            hosts: &["api.notion.com"],
            provider: Some("pagerduty"),
            signing_secret: Some("PAGERDUTY_SIGNING_SECRET"),
            ..Expected::default()
        },
    );
}

#[test]
fn a_scheduled_worker_without_webhooks_and_two_senders() {
    let scheduled = "
export default {
  async scheduled(controller, env) { await env.STATE.put('at', String(controller.scheduledTime)); },
  fetch: () => new Response('nothing here'),
};";
    let expected = Expected { bindings: &[("STATE", KvNamespace)], ..Expected::default() };
    check(&[("src/index.js", scheduled)], &expected);
    let both = "
export default { fetch(request, env) { return new Response(request.headers.get('x-slack-signature') ?? request.headers.get('stripe-signature')); } };";
    check(&[("src/index.js", both)], &Expected::default());
}
