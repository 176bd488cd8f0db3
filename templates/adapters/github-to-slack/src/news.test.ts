import { expect, it } from 'vitest';
import type { GitHubEvent } from './github';
import { newsOf } from './news';

const html_url = 'https://github.com/example-org/gadgets/pull/13';
const sender = { login: 'kim-example', type: 'User' };
const subject = { number: 13, title: 'Larger letters', html_url, body: 'Closes #12', base: { ref: 'main' } };
const repository = { full_name: 'example-org/gadgets' };

function news(github_event: string, more: object) {
  return newsOf({ github_event, repository, sender, ...more } as GitHubEvent);
}

it.each<[string, object, string, string]>([
  ['pull_request.opened', { pull_request: subject }, 'kim-example opened #13: Larger letters', 'Closes #12'],
  ['pull_request.opened', { pull_request: { ...subject, body: null } }, 'kim-example opened #13: Larger letters', ''],
  ['pull_request.reopened', { pull_request: subject }, 'kim-example reopened #13: Larger letters', ''],
  ['pull_request.ready_for_review', { pull_request: subject }, 'kim-example marked as ready: #13: Larger letters', ''],
  ['pull_request.closed', { pull_request: subject }, 'kim-example closed without merging #13: Larger letters', ''],
  [
    'pull_request.closed',
    { pull_request: { ...subject, merged: true } },
    'kim-example merged #13: Larger letters',
    'into main',
  ],
  [
    'pull_request_review.submitted',
    { pull_request: subject, review: { html_url, state: 'changes_requested', body: null } },
    'kim-example reviewed #13: changes requested',
    '',
  ],
  ['issues.opened', { issue: subject }, 'kim-example opened #13: Larger letters', 'Closes #12'],
  ['issues.closed', { issue: subject }, 'kim-example closed #13: Larger letters', ''],
  ['issues.reopened', { issue: subject }, 'kim-example reopened #13: Larger letters', ''],
  [
    'issue_comment.created',
    { issue: subject, comment: { html_url, body: 'Same here' } },
    'kim-example commented on #13: Larger letters',
    'Same here',
  ],
  ['release.published', { release: { html_url, tag_name: 'v1', body: null } }, 'kim-example published v1', ''],
  [
    'workflow_run.completed',
    { workflow_run: { html_url, name: 'CI', conclusion: 'timed_out', head_branch: null, run_number: 7 } },
    'CI failed on a tag, run 7',
    '',
  ],
])('tells of %s', (event, more, summary, detail) => {
  expect(news(event, more)).toEqual({ summary, url: html_url, detail });
});

it('lists the first line of each commit that was pushed', () => {
  const commits = [{ message: 'One\n\nmore' }, { message: 'Two' }];
  const push = { ref: 'refs/heads/a/b', pusher: { name: 'kim-example' }, compare: html_url, commits };
  expect(news('push', push)).toEqual({ summary: 'kim-example pushed to a/b', url: html_url, detail: 'One\nTwo' });
});

it.each<[string, object]>([
  ['push', { ref: 'refs/heads/a', deleted: true, commits: [] }],
  ['push', { ref: 'refs/tags/v1', commits: [{ message: 'One' }] }],
  ['push', {}],
  ['workflow_run.completed', { workflow_run: { conclusion: 'success' } }],
  ['workflow_run.completed', { workflow_run: { conclusion: { toString: 1 } } }],
  ['issue_comment.created', { sender: { login: 'a[bot]', type: 'Bot' } }],
  ['pull_request_review.submitted', { sender: { login: 'a[bot]', type: 'Bot' } }],
  ['issues.labeled', { issue: subject }],
  ['star.created', {}],
  ['constructor', {}],
  ['', {}],
])('says nothing of %s %j', (event, more) => {
  expect(news(event, more)).toBeUndefined();
});

it('new-fields: does not mind what it does not know', () => {
  expect(news('issues.opened', { issue: { ...subject, new: [1] }, then: 1, __proto__: null })).toBeDefined();
});
