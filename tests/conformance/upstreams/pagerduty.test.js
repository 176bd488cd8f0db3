// The official client on the simulated PagerDuty: events, and incidents over REST.
import { api, event, resolve, trigger } from '@pagerduty/pdjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { broken, ServedUpstreams } from './bench.js';

const ROUTING_KEY = 'example0'.repeat(4);
const payload = { summary: 'Checkout is down', source: 'slack', severity: 'critical' };

let served;
before(async () => {
  served = await ServedUpstreams.start();
});
after(() => served?.stop());

const data = (dedup_key, fields = {}) => ({ routing_key: ROUTING_KEY, dedup_key, payload, ...fields });
const rest = (upstreams = served) => api({ token: 'example-pagerduty-key', agent: upstreams.httpsAgent() });

test('an event opens an incident, a second one of its key joins it, a third resolves it', async () => {
  const agent = served.httpsAgent();
  const opened = await trigger({ data: data('Ev1'), agent });
  assert.equal(opened.response.status, 202);
  assert.deepEqual(opened.data, { status: 'success', message: 'Event processed', dedup_key: 'Ev1' });
  await trigger({ data: data('Ev1'), agent });
  const open = async () => {
    const { data } = await rest().get('/incidents', {
      queryParameters: { incident_key: 'Ev1', 'statuses[]': 'triggered' },
    });
    return data.incidents;
  };
  const incidents = await open();
  assert.deepEqual([incidents.length, incidents[0].alert_counts.all], [1, 2]);
  await resolve({ data: { routing_key: ROUTING_KEY, dedup_key: 'Ev1' }, agent });
  assert.deepEqual(await open(), []);
});

test('the EU region has incidents of its own', async () => {
  const agent = served.httpsAgent();
  const sent = await trigger({ data: data('Eu1'), agent, server: 'events.eu.pagerduty.com' });
  assert.equal(sent.response.status, 202);
  const { data: us } = await rest().get('/incidents', { queryParameters: { incident_key: 'Eu1' } });
  assert.deepEqual(us.incidents, []);
});

test('what PagerDuty refuses is told with every reason', async () => {
  const agent = served.httpsAgent();
  const refused = await event({ data: data('Ev2', { event_action: 'trigger', payload: { source: 7 } }), agent });
  assert.equal(refused.response.status, 400);
  assert.equal(refused.data.status, 'invalid event');
  assert.deepEqual(refused.data.errors, [
    "'payload.summary' is missing or blank",
    "'payload.source' is not a string",
    "'payload.severity' is missing or blank",
  ]);
  const blank = await trigger({ data: { ...data('Ev2'), routing_key: 'short' }, agent });
  assert.match(blank.data.errors[0], /should be 32 characters/);
});

test('a token that has expired, and a limit, have their status', async () => {
  await broken(['pagerduty:expired-token'], async (upstreams) => {
    const { response } = await rest(upstreams).get('/incidents');
    assert.equal(response.status, 401);
  });
  await broken(['pagerduty#1:429'], async (upstreams) => {
    // The client sends it again by itself, after as long as it is told to wait.
    const began = performance.now();
    const sent = await trigger({ data: data('Ev3'), agent: upstreams.httpsAgent(), retryTimeout: 50 });
    assert.equal(sent.response.status, 202);
    assert.ok(performance.now() - began >= 50);
  });
});

test('more than 120 events a minute of one key are refused without any fault', async () => {
  await broken([], async (upstreams) => {
    const body = JSON.stringify({ ...data('Ev4'), event_action: 'trigger' });
    const send = () => upstreams.fetch('events.pagerduty.com', '/v2/enqueue', { method: 'POST', body });
    const statuses = [];
    for (let call = 0; call < 121; call += 1) statuses.push((await send()).status);
    assert.deepEqual(statuses.slice(-2), [202, 429]);
  });
});

test('an incident is created, changed and noted over REST', async () => {
  const service = { id: 'PSERVIC', type: 'service_reference' };
  const from = { From: 'oncall@example.com' };
  const incident = { type: 'incident', title: 'Checkout is down', service, incident_key: 'Rest1' };
  const created = await rest().post('/incidents', { data: { incident }, headers: from });
  assert.equal(created.response.status, 201);
  const path = `/incidents/${created.data.incident.id}`;
  const change = { incident: { type: 'incident', status: 'acknowledged' } };
  const changed = await rest().put(path, { data: change, headers: from });
  assert.equal(changed.data.incident.status, 'acknowledged');
  assert.equal((await rest().get(path)).data.incident.status, 'acknowledged');
  const twice = await rest().post('/incidents', { data: { incident }, headers: from });
  assert.deepEqual([twice.response.status, twice.data.error.code], [400, 2002]);
});
