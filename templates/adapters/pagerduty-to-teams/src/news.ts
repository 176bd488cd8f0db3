// What is shown of PagerDuty's events, and how. Each text is an expression of the field mapping over the event.
import { evaluate } from './mapping';
import type { PagerDutyWebhook } from './pagerduty';

export interface News {
  /** One line. */
  summary: string;
  /** The incident's page. */
  url: string;
  /** What stands below, or nothing. */
  detail: string;
  /** A colour of Adaptive Cards. */
  color: string;
}

/** Nobody is named where a rule or another program did it. */
const WHO = '{event.agent.summary | default:"PagerDuty"}';

const NEWS: Record<string, News> = {
  'incident.triggered': incident('triggered', 'attention'),
  'incident.acknowledged': incident(`acknowledged by ${WHO}`, 'warning'),
  'incident.unacknowledged': incident('no longer acknowledged', 'attention'),
  'incident.escalated': incident('escalated', 'attention'),
  'incident.reassigned': incident(`reassigned by ${WHO}`, 'warning'),
  'incident.delegated': incident('delegated to another policy', 'warning'),
  'incident.priority_updated': incident('has another priority', 'warning'),
  'incident.reopened': incident(`reopened by ${WHO}`, 'attention'),
  'incident.resolved': incident(`resolved by ${WHO}`, 'good'),
  'incident.annotated': beside('wrote a note on', '{event.data.content}'),
  'incident.status_update_published': beside('told how it stands with', '{event.data.message}'),
};

/** Undefined for what nobody needs to see. */
export function newsOf(document: PagerDutyWebhook): News | undefined {
  const { id, event_type } = document.event;
  if (!Object.hasOwn(NEWS, event_type)) return undefined;
  const { summary, url, detail, color } = NEWS[event_type] as News;
  const textOf = (value: string) => String(evaluate('news', { value, required: false }, document));
  // PagerDuty leaves out the details of events that are too large for it. The incident has to be seen all the same.
  return { summary: textOf(summary) || `${event_type} (event ${id})`, url: textOf(url), detail: textOf(detail), color };
}

/** The event's data are the incident. */
function incident(what: string, color: string): News {
  return {
    summary: `#{event.data.number} ${what}: {event.data.title}`,
    url: '{event.data.html_url}',
    detail: '',
    color,
  };
}

/** The event's data are something beside the incident. */
function beside(what: string, detail: string): News {
  return {
    summary: `${WHO} ${what} {event.data.incident.summary}`,
    url: '{event.data.incident.html_url}',
    detail,
    color: 'default',
  };
}
