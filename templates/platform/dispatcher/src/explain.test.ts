import { expect, it } from 'vitest';
import defaultTable from '../../routes/default.json';
import explain from './explain';
import { environmentOf } from '../testing/environment';

const routing = {
  routes: defaultTable,
  'tenant:customer-a': { region: 'eu', egress: [] },
  'key:k-123': { tenant: 'customer-a', adapter: 'slack-to-notion' },
};

async function asked(question: unknown, options = {}) {
  const body = typeof question === 'string' ? question : JSON.stringify(question);
  const { env, dispatched } = environmentOf(routing, {}, options);
  const answer = await explain.fetch(new Request('http://explain/', { method: 'POST', body }), env);
  expect(dispatched, 'explaining runs nothing').toEqual([]);
  return { status: answer.status, body: await answer.json<Record<string, unknown>>() };
}

it('tells where a request would go, and what became of every rule', async () => {
  const bindings = ['PRODUCTION', 'PRODUCTION_EU'];
  const { status, body } = await asked(
    { url: 'https://x.example/hooks/k-123', headers: [['accept', '*/*']] },
    { bindings },
  );
  expect(status).toBe(200);
  expect(body).toEqual({
    matched: true,
    service: 'customer-a-slack-to-notion',
    script: 'customer-a-slack-to-notion',
    tenant: 'customer-a',
    adapter: 'slack-to-notion',
    environment: 'production',
    region: 'eu',
    binding: 'PRODUCTION_EU',
    namespace: null,
    path: '/hooks/k-123',
    problem: null,
    notes: [],
    rules: [
      { rule: 'headers', matched: false, reason: 'The header x-customer-id is missing' },
      {
        rule: 'routing_key in path',
        matched: true,
        reason: 'The routing key in the path is that of customer-a/slack-to-notion',
      },
      {
        rule: 'routing_key in hostname',
        matched: false,
        reason: 'Not tried, because routing_key in path comes first and matched',
      },
    ],
  });
});

it('says so when no rule matches', async () => {
  const { body } = await asked({ url: 'https://x.example/', headers: {} });
  expect(body).toMatchObject({ matched: false, script: null, tenant: null, adapter: null, binding: null });
  expect(body.rules).toHaveLength(3);
});

it('names the namespace where the binding says it, and the environment that was asked for', async () => {
  const { env } = environmentOf(routing, {}, { bindings: [] });
  const question = { url: 'https://x.example/hooks/k-123', environment: 'staging' };
  const request = new Request('http://explain/', { method: 'POST', body: JSON.stringify(question) });
  const answer = await explain.fetch(request, { ...env, STAGING: 'test-staging' });
  expect(await answer.json()).toMatchObject({
    environment: 'staging',
    binding: 'STAGING',
    namespace: 'test-staging',
    problem: null,
    notes: ['The region eu of customer-a has no namespace of its own in this environment; STAGING serves it'],
  });
});

it('tells that nothing is bound, beside the rule that matches', async () => {
  const question = { url: 'https://x.example/hooks/k-123', environment: 'development' };
  expect((await asked(question, { bindings: ['PRODUCTION'] })).body).toMatchObject({
    matched: true,
    script: 'customer-a-slack-to-notion',
    binding: null,
    problem: 'No dispatch namespace is bound for environment: development',
  });
});

it('tells whose script it is when the ids were put together to name another tenant’s', async () => {
  const headers = { 'x-customer-id': 'customer-a-slack', 'x-script-id': 'to-notion' };
  expect((await asked({ url: 'https://x.example/', headers })).body).toMatchObject({
    matched: true,
    problem:
      'The script customer-a-slack-to-notion belongs to the tenant customer-a; customer-a-slack is not a tenant, ' +
      'so the answer is 404 Service not deployed',
  });
});

it('tells that a tenant has no settings', async () => {
  const headers = { 'x-customer-id': 'customer-z', 'x-script-id': 'notes' };
  expect((await asked({ url: 'https://x.example/', headers })).body).toMatchObject({
    problem: null,
    notes: ['The tenant customer-z has no settings, so its adapters may call nobody'],
  });
});

it.each(['not json', '{}', '{"url":"/relative"}', '{"url":"https://x.example/","headers":[["a b","c"]]}'])(
  'refuses %s with a reason',
  async (question) => {
    const { status, body } = await asked(question);
    expect(status).toBe(400);
    expect(body.message).toMatch(/^Not a URL with headers: /);
  },
);
