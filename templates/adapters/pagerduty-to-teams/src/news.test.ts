import { expect, it } from 'vitest';
import { pagerDutyEvent } from '../../../testing/pagerduty';
import { newsOf } from './news';

const agent = { summary: 'Sam Example' };
const title = 'payments-api: p99 above 2 s';
const url = 'https://example.pagerduty.com/incidents/QEXINC7';

it.each([
  ['incident.triggered', `#812 triggered: ${title}`, 'attention'],
  ['incident.acknowledged', `#812 acknowledged by Sam Example: ${title}`, 'warning'],
  ['incident.unacknowledged', `#812 no longer acknowledged: ${title}`, 'attention'],
  ['incident.escalated', `#812 escalated: ${title}`, 'attention'],
  ['incident.reassigned', `#812 reassigned by Sam Example: ${title}`, 'warning'],
  ['incident.delegated', `#812 delegated to another policy: ${title}`, 'warning'],
  ['incident.priority_updated', `#812 has another priority: ${title}`, 'warning'],
  ['incident.reopened', `#812 reopened by Sam Example: ${title}`, 'attention'],
  ['incident.resolved', `#812 resolved by Sam Example: ${title}`, 'good'],
])('shows %s', (type, summary, color) => {
  expect(newsOf(pagerDutyEvent('01A', type, {}, { agent }))).toEqual({ summary, url, detail: '', color });
});

it.each([
  ['incident.annotated', { content: 'Rolled back' }, 'Sam Example wrote a note on [#812] API is slow'],
  [
    'incident.status_update_published',
    { message: 'Rolled back' },
    'Sam Example told how it stands with [#812] API is slow',
  ],
])('shows %s with its text', (type, more, summary) => {
  const data = { incident: { summary: '[#812] API is slow', html_url: url }, ...more };
  const event = pagerDutyEvent('01A', type, {}, { agent, data });
  expect(newsOf(event)).toEqual({ summary, url, detail: 'Rolled back', color: 'default' });
});

it('names PagerDuty where no person did it', () => {
  expect(newsOf(pagerDutyEvent('01A', 'incident.resolved'))?.summary).toBe(`#812 resolved by PagerDuty: ${title}`);
});

it('shows an event whose details PagerDuty left out because they were too large', () => {
  const event = pagerDutyEvent('01A', 'incident.triggered', {}, { data: { id: 'QEXINC7', type: 'incident' } });
  expect(newsOf(event)).toEqual({
    summary: 'incident.triggered (event 01A)',
    url: '',
    detail: '',
    color: 'attention',
  });
});

it.each(['incident.responder.added', 'service.updated', 'constructor', ''])('says nothing of %s', (type) => {
  expect(newsOf(pagerDutyEvent('01A', type))).toBeUndefined();
});
