// What is told of GitHub's events, and how. Each text is an expression of the field mapping over the event.
import { isRecord } from './body';
import type { GitHubEvent } from './github';
import { evaluate } from './mapping';

export interface News {
  /** One line. */
  summary: string;
  /** The page at GitHub. */
  url: string;
  /** What stands below, or nothing. */
  detail: string;
}

const TEXTS: Record<string, News> = {
  push: {
    summary: '{pusher.name} pushed to {ref | regex:"^refs/heads/(.+)$"}',
    url: '{compare}',
    // The first line of each commit.
    detail: '{commits[].message | regex:"^.*" | truncate:120 | join:"\n"}',
  },
  'pull_request.opened': pullRequest('opened', '{pull_request.body | default:""}'),
  'pull_request.ready_for_review': pullRequest('marked as ready:'),
  'pull_request.reopened': pullRequest('reopened'),
  'pull_request.closed': pullRequest('closed without merging'),
  'pull_request.merged': pullRequest('merged', 'into {pull_request.base.ref}'),
  'pull_request_review.submitted': {
    summary: '{sender.login} reviewed #{pull_request.number}: {review.state | lower | replace:"_"," "}',
    url: '{review.html_url}',
    detail: '{review.body | default:""}',
  },
  'issues.opened': issue('opened', '{issue.body | default:""}'),
  'issues.reopened': issue('reopened'),
  'issues.closed': issue('closed'),
  'issue_comment.created': {
    summary: '{sender.login} commented on #{issue.number}: {issue.title}',
    url: '{comment.html_url}',
    detail: '{comment.body | default:""}',
  },
  'release.published': {
    summary: '{sender.login} published {release.tag_name}',
    url: '{release.html_url}',
    detail: '{release.body | default:""}',
  },
  'workflow_run.failed': {
    summary:
      '{workflow_run.name} failed on {workflow_run.head_branch | default:"a tag"}, run {workflow_run.run_number}',
    url: '{workflow_run.html_url}',
    detail: '',
  },
};

const FAILURES = ['failure', 'timed_out', 'startup_failure'];
/** Bots report coverage and previews after every push; one that writes what Slack says would go round for ever. */
const BY_PEOPLE = ['issue_comment.created', 'pull_request_review.submitted'];

/** Undefined for what nobody needs to be told. */
export function newsOf(event: GitHubEvent): News | undefined {
  const texts = TEXTS[kindOf(event) ?? ''];
  if (!texts) return undefined;
  const [summary, url, detail] = [texts.summary, texts.url, texts.detail].map((value) =>
    String(evaluate('news', { value, required: false }, event)),
  ) as [string, string, string];
  return { summary, url, detail };
}

function kindOf(event: GitHubEvent): string | undefined {
  const { github_event: name, pull_request, sender, workflow_run } = event;
  if (name === 'push') return isOfBranch(event) ? name : undefined;
  if (name === 'pull_request.closed' && isRecord(pull_request) && pull_request.merged === true) {
    return 'pull_request.merged';
  }
  if (name === 'workflow_run.completed') {
    return isRecord(workflow_run) && FAILURES.some((failure) => failure === workflow_run.conclusion)
      ? 'workflow_run.failed'
      : undefined;
  }
  if (BY_PEOPLE.includes(name) && isRecord(sender) && sender.type === 'Bot') return undefined;
  return Object.hasOwn(TEXTS, name) ? name : undefined;
}

/** Tags are told as releases. A branch that was deleted, or made of commits that are known, has none. */
function isOfBranch({ ref, commits }: GitHubEvent): boolean {
  return typeof ref === 'string' && ref.startsWith('refs/heads/') && Array.isArray(commits) && commits.length > 0;
}

function pullRequest(what: string, detail = ''): News {
  return about('pull_request', what, detail);
}

function issue(what: string, detail = ''): News {
  return about('issue', what, detail);
}

function about(object: string, what: string, detail: string): News {
  return {
    summary: `{sender.login} ${what} #{${object}.number}: {${object}.title}`,
    url: `{${object}.html_url}`,
    detail,
  };
}
