// Written by the test `bindings_are_current` in patchbay-app. Do not edit.

/**
 * Everything the editor opens with.
 */
export type AdapterDetail = { 
/**
 * Which adapter.
 */
key: AdapterKey, 
/**
 * Script name in the dispatch namespace.
 */
script: string, 
/**
 * Provider of its webhooks.
 */
provider: string | null, 
/**
 * Entry file.
 */
entry: string, 
/**
 * Text files: `adapter.toml`, `README.md` and everything in `src/`.
 */
files: Array<SourceFile>, 
/**
 * Declared bindings with their state.
 */
bindings: Array<BindingStatus>, 
/**
 * Samples that can be replayed.
 */
samples: Array<SampleSummary>, 
/**
 * TypeScript declarations of `Env`, made from the manifest.
 */
env_types: string, 
/**
 * Unknown keys and the like, found while reading.
 */
warnings: Array<string>, };

/**
 * `adapter_import`.
 */
export type AdapterImportRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id to make.
 */
adapter: string, 
/**
 * File or folder on this machine.
 */
path: string, };

/**
 * What an import found in the customer's code.
 */
export type AdapterImported = { 
/**
 * The new adapter.
 */
adapter: AdapterKey, 
/**
 * Entry file in the adapter's folder.
 */
entry: string, 
/**
 * Files copied.
 */
files: Array<string>, 
/**
 * What was left out, with the reason.
 */
skipped: Array<string>, 
/**
 * Names read from `env`, each with the kind that was guessed.
 */
bindings: Array<InferredBinding>, 
/**
 * Hosts that the code fetches.
 */
upstreams: Array<string>, 
/**
 * Provider guessed from the headers it reads.
 */
provider: string | null, };

/**
 * Names one adapter.
 */
export type AdapterKey = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, };

/**
 * `adapter_lint`.
 */
export type AdapterLintRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * Unsaved texts that replace the files on disk.
 */
overlays: Array<FileOverlay>, };

/**
 * `adapter_new`.
 */
export type AdapterNewRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id to make.
 */
adapter: string, 
/**
 * Template id.
 */
template: string, };

/**
 * One adapter in a list.
 */
export type AdapterSummary = { 
/**
 * Adapter id.
 */
id: string, 
/**
 * Template it started from.
 */
template: string | null, 
/**
 * Who sends its webhooks.
 */
provider: string | null, 
/**
 * Number of the newest version published from here to `production`, if any.
 */
live_version: number | null, 
/**
 * Whether the files differ from what that version was built from; `null` when nothing was published.
 */
draft_differs: boolean | null, 
/**
 * Why this adapter cannot be used, when its files are broken.
 */
problem: WireError | null, };

/**
 * One event; all of them go over one channel named `app_event`.
 */
export type AppEvent = { "kind": "publish_progressed" } & PublishProgress | { "kind": "publish_finished" } & PublishFinished | { "kind": "replay_progressed" } & ReplayProgress | { "kind": "replay_finished" } & ReplayFinished | { "kind": "load_progressed" } & LoadProgressed | { "kind": "load_finished" } & LoadFinished | { "kind": "webhook_received" } & InboxWebhook | { "kind": "webhook_answered" } & InboxWebhook | { "kind": "webhook_refused" } & InboxRefusal | { "kind": "resilience_progressed" } & ResilienceProgress | { "kind": "resilience_finished" } & ResilienceFinished | { "kind": "platform_changed" } & PlatformStatus;

/**
 * The bindings of one adapter.
 */
export type BindingList = { 
/**
 * Declared bindings, and secrets that are set without being declared.
 */
bindings: Array<BindingStatus>, };

/**
 * A declared binding and whether it has a value.
 */
export type BindingStatus = { 
/**
 * Name in `env`.
 */
name: string, 
/**
 * `secret_text`, `plain_text`, `json`, `kv_namespace`.
 */
kind: string, 
/**
 * Whether a publish needs it.
 */
required: boolean, 
/**
 * What it is for.
 */
description: string, 
/**
 * Whether it has a value.
 */
set: boolean, 
/**
 * When a secret changed, RFC 3339.
 */
changed_at: string | null, 
/**
 * Keyed fingerprint of a secret: equal values have equal fingerprints within one tenant.
 */
fingerprint: string | null, 
/**
 * The value of a `plain_text` or `json` binding. Never that of a secret.
 */
value: JsonValue | null, };

/**
 * One sample that comes with Patchbay.
 */
export type CatalogueEntry = { 
/**
 * Provider and name, `slack/message-in-thread`.
 */
id: string, 
/**
 * Provider.
 */
provider: string, 
/**
 * The provider's name of the event.
 */
event: string, 
/**
 * What a person should know about it.
 */
description: string, };

/**
 * `command → [request, answer]`.
 */
export type CommandMap = { 
/**
 *`workspace_open`
 */
workspace_open: [WorkspaceOpenRequest, WorkspaceOverview], 
/**
 *`workspace_create_demo`
 */
workspace_create_demo: [null, WorkspaceOverview], 
/**
 *`workspace_overview`
 */
workspace_overview: [null, WorkspaceOverview | null], 
/**
 *`tenant_add`
 */
tenant_add: [TenantAddRequest, WorkspaceOverview], 
/**
 *`template_list`
 */
template_list: [null, TemplateList], 
/**
 *`adapter_new`
 */
adapter_new: [AdapterNewRequest, AdapterDetail], 
/**
 *`adapter_import`
 */
adapter_import: [AdapterImportRequest, AdapterImported], 
/**
 *`adapter_read`
 */
adapter_read: [AdapterKey, AdapterDetail], 
/**
 *`adapter_lint`
 */
adapter_lint: [AdapterLintRequest, LintReport], 
/**
 *`file_write`
 */
file_write: [FileWriteRequest, FileWritten], 
/**
 *`mapping_preview`
 */
mapping_preview: [MappingPreviewRequest, MappingPreview], 
/**
 *`mapping_set`
 */
mapping_set: [MappingSetRequest, FileWritten], 
/**
 *`secret_list`
 */
secret_list: [AdapterKey, BindingList], 
/**
 *`secret_set`
 */
secret_set: [SecretSetRequest, BindingList], 
/**
 *`secret_delete`
 */
secret_delete: [SecretDeleteRequest, BindingList], 
/**
 *`publish_start`
 */
publish_start: [PublishRequest, JobStarted], 
/**
 *`publish_cancel`
 */
publish_cancel: [JobStarted, null], 
/**
 *`version_list`
 */
version_list: [VersionListRequest, VersionList], 
/**
 *`version_rollback`
 */
version_rollback: [RollbackRequest, RolledBack], 
/**
 *`replay_run`
 */
replay_run: [ReplayRequest, Trace], 
/**
 *`replay_start`
 */
replay_start: [ReplayStartRequest, ReplayStarted], 
/**
 *`replay_cancel`
 */
replay_cancel: [JobStarted, null], 
/**
 *`replay_list`
 */
replay_list: [ReplayListRequest, ReplayList], 
/**
 *`replay_show`
 */
replay_show: [ReplayShowRequest, Trace], 
/**
 *`load_start`
 */
load_start: [LoadStartRequest, ReplayStarted], 
/**
 *`load_cancel`
 */
load_cancel: [JobStarted, null], 
/**
 *`history_search`
 */
history_search: [HistorySearchRequest, HistoryPage], 
/**
 *`history_export`
 */
history_export: [HistoryExportRequest, HistoryExported], 
/**
 *`history_purge`
 */
history_purge: [HistoryPurgeRequest, HistoryPurged], 
/**
 *`replay_export`
 */
replay_export: [ReplayExportRequest, ReplayExported], 
/**
 *`replay_export_save`
 */
replay_export_save: [ReplayExportSaveRequest, ReplayExportSaved], 
/**
 *`compare_code`
 */
compare_code: [CompareCodeRequest, Comparison], 
/**
 *`compare_runs`
 */
compare_runs: [CompareRunsRequest, Comparison], 
/**
 *`expectation_propose`
 */
expectation_propose: [ExpectationRequest, ExpectationProposal], 
/**
 *`expectation_write`
 */
expectation_write: [ExpectationRequest, ExpectationProposal], 
/**
 *`resilience_start`
 */
resilience_start: [ResilienceRequest, JobStarted], 
/**
 *`resilience_cancel`
 */
resilience_cancel: [JobStarted, null], 
/**
 *`provider_list`
 */
provider_list: [null, ProviderList], 
/**
 *`sample_list`
 */
sample_list: [AdapterKey, SampleList], 
/**
 *`sample_search`
 */
sample_search: [SampleSearchRequest, SampleCatalogue], 
/**
 *`sample_show`
 */
sample_show: [SampleShowRequest, SampleContent], 
/**
 *`sample_add`
 */
sample_add: [SampleAddRequest, SampleAdded], 
/**
 *`sample_sign`
 */
sample_sign: [SampleSignRequest, SignedSample], 
/**
 *`sample_verify`
 */
sample_verify: [SampleVerifyRequest, SampleVerdict], 
/**
 *`upstream_list`
 */
upstream_list: [UpstreamListRequest, UpstreamList], 
/**
 *`upstream_show`
 */
upstream_show: [UpstreamShowRequest, UpstreamState], 
/**
 *`upstream_reset`
 */
upstream_reset: [UpstreamResetRequest, UpstreamList], 
/**
 *`upstream_fault`
 */
upstream_fault: [UpstreamFaultRequest, UpstreamList], 
/**
 *`route_test`
 */
route_test: [RouteTestRequest, RouteDecision], 
/**
 *`platform_status`
 */
platform_status: [null, PlatformStatus], 
/**
 *`platform_start`
 */
platform_start: [null, PlatformStatus], };

/**
 * `compare_code`: the same webhooks to what is live and to other code.
 */
export type CompareCodeRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * `production`, …
 */
environment: string, 
/**
 * What is sent to both.
 */
webhooks: ReplaySelection, 
/**
 * The other code: `draft`, or a kept version.
 */
against: ReplayAgainst, 
/**
 * Also count values that vary from delivery to delivery by their nature, and what upstreams answered.
 */
strict: boolean, };

/**
 * `compare_runs`: what is kept of two runs, or of two deliveries.
 */
export type CompareRunsRequest = { 
/**
 * Run id, `run-…`, or delivery id.
 */
before: string, 
/**
 * Run id or delivery id.
 */
after: string, 
/**
 * Also count values that vary from delivery to delivery by their nature, and what upstreams answered.
 */
strict: boolean, };

/**
 * One thing that differs.
 */
export type ComparedChange = { 
/**
 * `webhook`, `answer`, `outbound`, `logs`, `exceptions`, `outcome`.
 */
part: string, 
/**
 * Where, `outbound[1].body.properties.Title`.
 */
path: string, 
/**
 * The outbound call that it belongs to, `POST https://api.notion.com/v1/pages`.
 */
call: string | null, 
/**
 * `changed`, `removed`, `added`, `moved`.
 */
kind: string, 
/**
 * Before; `null` where there was nothing.
 */
before: JsonValue, 
/**
 * After; `null` where there is nothing.
 */
after: JsonValue, };

/**
 * Two deliveries of one webhook.
 */
export type ComparedPair = { 
/**
 * What was sent: the sample's name, or where the webhook came from.
 */
name: string, 
/**
 * Delivery id on the left.
 */
before: string, 
/**
 * Delivery id on the right.
 */
after: string, 
/**
 * What differs.
 */
changes: Array<ComparedChange>, 
/**
 * What differs and varies from delivery to delivery by its nature.
 */
varies: Array<ComparedChange>, 
/**
 * What could not be compared, for people.
 */
unseen: string | null, };

/**
 * One side.
 */
export type ComparedSide = { 
/**
 * Run id, or the delivery's id where it is one.
 */
id: string, 
/**
 * Which code was to serve it: `live`, `draft`, `version ID`.
 */
against: string, 
/**
 * Version id that served, where it is known.
 */
version: string | null, };

/**
 * Medians of the time to the answer, without waits for the tenant's pace.
 */
export type ComparedTiming = { 
/**
 * Milliseconds on the left.
 */
before_ms: number, 
/**
 * Milliseconds on the right.
 */
after_ms: number, 
/**
 * Whether the right side is slower than noise explains.
 */
is_slower: boolean, };

/**
 * Two sets of deliveries against each other.
 */
export type Comparison = { 
/**
 * What stands on the left.
 */
before: ComparedSide, 
/**
 * What stands on the right.
 */
after: ComparedSide, 
/**
 * Whether anything differs.
 */
differs: boolean, 
/**
 * Deliveries of the same webhook.
 */
pairs: Array<ComparedPair>, 
/**
 * Deliveries that only the left side has.
 */
only_before: Array<LoneDelivery>, 
/**
 * Deliveries that only the right side has.
 */
only_after: Array<LoneDelivery>, 
/**
 * How long they took.
 */
timing: ComparedTiming, 
/**
 * The same as text, for people: lines that begin with `-` and `+`.
 */
text: string, };

/**
 * One delivery in a list.
 */
export type DeliverySummary = { 
/**
 * Delivery id.
 */
delivery: string, 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * The run that it belongs to, `run-…`.
 */
run: string | null, 
/**
 * Sample it was made from.
 */
sample: string | null, 
/**
 * Where the webhook came from: `sample`, `delivery ID`, `file NAME`, `stdin`, `inbox`.
 */
origin: string, 
/**
 * Which code was to serve it: `live`, `draft`, `version ID`.
 */
against: string, 
/**
 * The provider's id of the event.
 */
event: string | null, 
/**
 * What the sender did beyond sending it once.
 */
sender: string | null, 
/**
 * RFC 3339.
 */
started_at: string, 
/**
 * Status that the sender saw; `null` when there was no answer.
 */
status: number | null, 
/**
 * Until the whole answer was there.
 */
duration_ms: number, 
/**
 * Whether it met its expectation; `null` without one.
 */
as_expected: boolean | null, 
/**
 * Outbound calls made.
 */
outbound_calls: number, };

/**
 * One finding.
 */
export type Diagnostic = { 
/**
 * Rule id, `undeclared-binding`; `syntax` and `semantic` are the parser's own.
 */
rule: string, 
/**
 * How grave.
 */
severity: Severity, 
/**
 * What is wrong.
 */
message: string, 
/**
 * What to do.
 */
help: string | null, 
/**
 * File in the adapter's folder.
 */
file: string, 
/**
 * Where, 1-based, columns in UTF-16 units, end exclusive.
 */
range: TextRange, 
/**
 * A change that answers it, where one is known.
 */
fix?: Fix, };

/**
 * Something that is not as the expectation says.
 */
export type Difference = { 
/**
 * JSON path, `answer.page_id`.
 */
path: string, 
/**
 * What was expected.
 */
expected: JsonValue, 
/**
 * What was there.
 */
actual: JsonValue, };

/**
 * What kind of thing went wrong. Closed: add one only when somebody will tell it apart.
 */
export type ErrorCode = "workspace.not_found" | "workspace.broken_file" | "workspace.conflict" | "workspace.invalid_path" | "workspace.storage" | "tenant.invalid_id" | "tenant.unknown" | "tenant.exists" | "tenant.owns_another" | "adapter.invalid_id" | "adapter.unknown" | "adapter.exists" | "adapter.too_large" | "template.unknown" | "import.unreadable" | "lint.errors" | "bundle.failed" | "binding.missing" | "binding.undeclared" | "secret.invalid" | "secret.unknown" | "secret.no_keychain" | "secret.locked" | "secret.vault_damaged" | "platform.port_in_use" | "platform.already_running" | "platform.runtime_missing" | "platform.runtime_failed" | "platform.storage" | "target.not_configured" | "target.unreachable" | "target.unauthorized" | "target.namespace_missing" | "target.invalid_script" | "target.refused" | "publish.cancelled" | "publish.smoke_failed" | "version.unknown" | "replay.unknown_sample" | "replay.invalid_sample" | "replay.no_signing_secret" | "replay.unknown_delivery" | "replay.contents_dropped" | "replay.invalid_query" | "replay.export" | "replay.unknown_run" | "replay.nothing_selected" | "replay.not_repeatable" | "replay.not_telling" | "replay.too_large" | "replay.not_remote" | "replay.failed" | "replay.differs" | "replay.history" | "route.invalid" | "usage.malformed" | "usage.unknown_command" | "internal.bug";

/**
 * What the expectation of a sample would say after a delivery.
 */
export type ExpectationProposal = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * Sample name.
 */
sample: string, 
/**
 * The expectation's file, relative to the adapter's folder.
 */
file: string, 
/**
 * Whether it says something else than the file does now.
 */
changed: boolean, 
/**
 * From the file to what it would say, as a unified diff; empty where nothing changes.
 */
diff: string, 
/**
 * What it would say.
 */
expectation: JsonValue, };

/**
 * `expectation_propose` and `expectation_write`.
 */
export type ExpectationRequest = { 
/**
 * Id of a delivery that was made from a sample.
 */
delivery: string, };

/**
 * What deliveries can become.
 */
export type ExportFormat = "otel" | "har" | "junit" | "html";

/**
 * An unsaved text.
 */
export type FileOverlay = { 
/**
 * Path in the adapter's folder.
 */
path: string, 
/**
 * The text in the editor.
 */
text: string, };

/**
 * `file_write`.
 */
export type FileWriteRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * Path in the adapter's folder.
 */
path: string, 
/**
 * New text.
 */
text: string, 
/**
 * Revision that the text was edited from; a different one on disk is a `workspace.conflict`. `null` for a new file.
 */
revision: string | null, };

/**
 * What is on disk after a write.
 */
export type FileWritten = { 
/**
 * Path in the adapter's folder.
 */
path: string, 
/**
 * Revision of the new text.
 */
revision: string, };

/**
 * A change of one file.
 */
export type Fix = { 
/**
 * What it does, as an imperative.
 */
title: string, 
/**
 * Whether it never changes what working code does; otherwise a person decides.
 */
safe: boolean, 
/**
 * The edits, which do not overlap.
 */
edits: Array<TextEdit>, };

/**
 * One past delivery in a list.
 */
export type HistoryDelivery = { 
/**
 * Delivery id.
 */
delivery: string, 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * The run that it belongs to.
 */
run: string | null, 
/**
 * Sample it was made from.
 */
sample: string | null, 
/**
 * `sample`, `delivery ID`, `file NAME`, `stdin`, `inbox`.
 */
origin: string, 
/**
 * `live`, `draft`, `version ID`.
 */
against: string, 
/**
 * Provider that sent it or was imitated.
 */
provider: string, 
/**
 * The provider's id of the event.
 */
event: string | null, 
/**
 * What the sender did beyond sending it once.
 */
sender: string | null, 
/**
 * `production`, …
 */
environment: string, 
/**
 * `eu`, …
 */
region: string, 
/**
 * RFC 3339.
 */
started_at: string, 
/**
 * Whether it is over. One that was received and not answered yet is not.
 */
answered: boolean, 
/**
 * Status that the sender saw; `null` when there was no answer.
 */
status: number | null, 
/**
 * `ok`, `exception`, …; `null` where the adapter was not seen.
 */
outcome: string | null, 
/**
 * Until the whole answer was there.
 */
duration_ms: number, 
/**
 * Whether it met its expectation; `null` without one.
 */
as_expected: boolean | null, 
/**
 * Outbound calls made.
 */
outbound_calls: number, 
/**
 * Bytes of the request's body.
 */
request_bytes: number, 
/**
 * Bytes of the answer's body.
 */
answer_bytes: number | null, 
/**
 * Whether more than this is kept.
 */
has_contents: boolean, };

/**
 * `history_export`.
 */
export type HistoryExportRequest = { 
/**
 * Which deliveries.
 */
search: HistorySearchRequest, 
/**
 * The file to write. One that is there is replaced when the new one is whole.
 */
output: string, };

/**
 * What was exported.
 */
export type HistoryExported = { 
/**
 * The file; `null` for standard output.
 */
output: string | null, 
/**
 * Lines: one for each delivery.
 */
deliveries: number, 
/**
 * Of those, lines with the head only, because the contents had been dropped.
 */
without_contents: number, 
/**
 * Bytes.
 */
bytes: number, };

/**
 * A page of past deliveries.
 */
export type HistoryPage = { 
/**
 * Newest first.
 */
deliveries: Array<HistoryDelivery>, 
/**
 * Where there are more: the `before` of the next page.
 */
next: string | null, };

/**
 * `history_purge`.
 */
export type HistoryPurgeRequest = { 
/**
 * Tenant id.
 */
tenant: string, };

/**
 * What was purged.
 */
export type HistoryPurged = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Deliveries that were removed from the history.
 */
deliveries: number, 
/**
 * Backups of the history that were written anew without the tenant.
 */
backups: Array<string>, 
/**
 * Files that `patchbay restore` set aside. They may still hold the tenant's deliveries.
 */
set_aside: Array<string>, };

/**
 * `history_search`. Every condition that is given has to hold.
 */
export type HistorySearchRequest = { 
/**
 * Only this tenant.
 */
tenant?: string, 
/**
 * Only this adapter.
 */
adapter?: string, 
/**
 * `404`, `4xx`, `none` for no answer, `received` for not answered yet.
 */
status?: string, 
/**
 * Sent then or later: RFC 3339, a date, or `10m`, `2h`, `3d` ago.
 */
since?: string, 
/**
 * Sent then or earlier, in the same forms; a date belongs to it.
 */
until?: string, 
/**
 * The provider's id of the event.
 */
event?: string, 
/**
 * Words that stand in its URLs, bodies, console lines, exceptions and ids. `creat*` is the beginning of a word.
 */
text?: string, 
/**
 * Only this run.
 */
run?: string, 
/**
 * The `next` of the page before.
 */
before?: string, 
/**
 * At most so many, newest first.
 */
limit?: number, };

/**
 * A webhook that could not be stored. Its sender was told to come back.
 */
export type InboxRefusal = { 
/**
 * Method and URL without its query.
 */
request: string, 
/**
 * Why.
 */
message: string, };

/**
 * A webhook of the inbox. `deliveries show` has the rest.
 */
export type InboxWebhook = { 
/**
 * Delivery id.
 */
delivery: string, 
/**
 * Whose dispatcher it came to: `production`, …
 */
environment: string, 
/**
 * Tenant id; empty where the dispatcher found none.
 */
tenant: string, 
/**
 * Adapter id; empty where the dispatcher found none.
 */
adapter: string, 
/**
 * Who sent it, as far as that can be told; `custom` otherwise.
 */
provider: string, 
/**
 * The provider's id of the event.
 */
event_id: string | null, 
/**
 * Method.
 */
method: string, 
/**
 * URL without its query.
 */
url: string, 
/**
 * Bytes of the body.
 */
bytes: number, 
/**
 * What people should know: `body not kept: 100 MB`.
 */
note: string | null, 
/**
 * RFC 3339.
 */
received_at: string, 
/**
 * Status of the answer; `null` while there is none.
 */
status: number | null, 
/**
 * From its arrival to the head of the answer.
 */
duration_ms: number | null, };

/**
 * A binding that the code reads.
 */
export type InferredBinding = { 
/**
 * Name in `env`.
 */
name: string, 
/**
 * `secret_text` or `plain_text`.
 */
kind: string, };

/**
 * A job that goes on; its steps and its end come as events.
 */
export type JobStarted = { 
/**
 * Job id.
 */
job: string, };

export type JsonValue = number | string | boolean | Array<JsonValue> | { [key in string]: JsonValue } | null;

/**
 * One thing that an upstream keeps.
 */
export type KeptObject = { 
/**
 * What it is, `page`.
 */
kind: string, 
/**
 * The API's id of it.
 */
id: string, 
/**
 * As the API would answer it.
 */
content: JsonValue, };

/**
 * A lint rule that a publish may break.
 */
export type LintAllowance = { 
/**
 * The rule's id.
 */
rule: string, 
/**
 * Why; kept with the version.
 */
reason: string, };

/**
 * What lint found.
 */
export type LintReport = { 
/**
 * In the order of files and positions.
 */
diagnostics: Array<Diagnostic>, 
/**
 * Number of errors; a publish stops when it is not 0.
 */
errors: number, 
/**
 * Number of warnings.
 */
warnings: number, 
/**
 * Files looked at.
 */
files: number, };

/**
 * A bar of the histogram.
 */
export type LoadBar = { 
/**
 * Longer than the bar before and up to this.
 */
to_ms: number, 
/**
 * How many.
 */
count: number, };

/**
 * How far a run is from an earlier one, in parts of that one: 0.1 is 10 % more.
 */
export type LoadChange = { 
/**
 * The earlier run, `run-…`.
 */
since: string, 
/**
 * Answers a second.
 */
per_second: number, 
/**
 * Median latency.
 */
p50: number, 
/**
 * 90th percentile.
 */
p90: number, 
/**
 * 99th percentile.
 */
p99: number, 
/**
 * 99.9th percentile.
 */
p999: number, 
/**
 * Longest.
 */
max: number, 
/**
 * Failed in 1 of this run less failed in 1 of the earlier one.
 */
failed: number, };

/**
 * Failures of a kind.
 */
export type LoadFailure = { 
/**
 * `connect`, `reset`, `timeout`, `not_http`, `html`, `redirect`, `client_error`, `server_error`, `unexpected`, `late`,
 * `unsigned`.
 */
kind: string, 
/**
 * How many.
 */
count: number, 
/**
 * Webhook of the first one.
 */
webhook: string, 
/**
 * Status of the first one.
 */
status: number | null, 
/**
 * What was seen of the first one, redacted.
 */
example: string, 
/**
 * When it was, after the start.
 */
at_ms: number, };

/**
 * A load run that is over.
 */
export type LoadFinished = { 
/**
 * Job id.
 */
job: string, 
/**
 * Run id.
 */
run: string, 
/**
 * What it found out; absent where nothing was sent.
 */
result: LoadResult | null, 
/**
 * Why nothing was sent.
 */
error: WireError | null, };

/**
 * Times in milliseconds; all 0 where there were none.
 */
export type LoadLatencies = { 
/**
 * How many there are; corrected ones included.
 */
count: number, 
/**
 * Shortest.
 */
min_ms: number, 
/**
 * Mean.
 */
mean_ms: number, 
/**
 * Half are no longer.
 */
p50_ms: number, 
/**
 * 90 in 100 are no longer.
 */
p90_ms: number, 
/**
 * 99 in 100 are no longer.
 */
p99_ms: number, 
/**
 * 999 in 1000 are no longer.
 */
p999_ms: number, 
/**
 * Longest.
 */
max_ms: number, };

/**
 * How far a load run is. Comes about five times a second.
 */
export type LoadProgressed = { 
/**
 * Job id.
 */
job: string, 
/**
 * Run id.
 */
run: string, 
/**
 * Deliveries that are over.
 */
ended: number, 
/**
 * Those that failed.
 */
failed: number, 
/**
 * Deliveries of the whole run, where that is known.
 */
total: number | null, 
/**
 * Since the start.
 */
elapsed_seconds: number, 
/**
 * Deliveries a second since the last report.
 */
per_second: number, 
/**
 * Until the end, as far as can be told.
 */
remaining_seconds: number | null, };

/**
 * What a load run found out.
 */
export type LoadResult = { 
/**
 * `run-…`.
 */
run: string, 
/**
 * What was asked for.
 */
settings: LoadSettings, 
/**
 * RFC 3339.
 */
started_at: string, 
/**
 * Until the last answer.
 */
seconds: number, 
/**
 * Whether it was ended before its plan was.
 */
is_partial: boolean, 
/**
 * Deliveries that were begun.
 */
sent: number, 
/**
 * Those with the answer that was expected, in time.
 */
succeeded: number, 
/**
 * Those without.
 */
failed: number, 
/**
 * Those that were given up when the run was ended.
 */
abandoned: number, 
/**
 * Deliveries that were due and for which no sender was free.
 */
unsent: number, 
/**
 * Whole answers a second.
 */
per_second: number, 
/**
 * Bytes of the requests.
 */
bytes_sent: number, 
/**
 * Bytes of the answers.
 */
bytes_received: number, 
/**
 * Connections that were made.
 */
connections: number, 
/**
 * From when a delivery was due until its whole answer, free of coordinated omission.
 */
latency: LoadLatencies, 
/**
 * From when a delivery was sent until its whole answer, as measured.
 */
waits: LoadLatencies, 
/**
 * `latency` as bars.
 */
histogram: Array<LoadBar>, 
/**
 * Answers by status.
 */
statuses: Array<LoadStatus>, 
/**
 * Failures by kind, the most frequent first.
 */
failures: Array<LoadFailure>, 
/**
 * Deliveries by webhook.
 */
webhooks: Array<LoadWebhook>, 
/**
 * `each_delivery`, or `each_second` where nothing in the deliveries changes more often.
 */
signed: string, 
/**
 * The part of the senders' time that was spent waiting for signatures, from 0 to 1.
 */
waiting_for_signatures: number, 
/**
 * Sentences that a person should read before believing the figures.
 */
remarks: Array<string>, 
/**
 * How it differs from the last run of the same settings; `null` where there is none.
 */
change: LoadChange | null, 
/**
 * The same as text, for people.
 */
text: string, };

/**
 * What was asked for. Two runs with equal ones are compared.
 */
export type LoadSettings = { 
/**
 * `production`, …
 */
environment: string, 
/**
 * `embedded`, or the URL of a dispatcher elsewhere.
 */
target: string, 
/**
 * Names of the webhooks with their weights.
 */
webhooks: Array<LoadWeight>, 
/**
 * Deliveries.
 */
count: number | null, 
/**
 * Seconds.
 */
duration: number | null, 
/**
 * Senders.
 */
concurrency: number, 
/**
 * Deliveries a second; `null` where each sender waits for its answer.
 */
rate: number | null, 
/**
 * Seconds.
 */
ramp: number, 
/**
 * What breaks meanwhile.
 */
faults: Array<string>, };

/**
 * `load_start`: many deliveries of the webhooks of a run.
 */
export type LoadStartRequest = { 
/**
 * What is sent, and where. What a sender does beyond sending and a draft belong to recorded deliveries, not to load.
 */
replay: ReplayStartRequest, 
/**
 * So many deliveries; without it as many as the duration allows.
 */
count?: number, 
/**
 * Seconds after which no delivery begins; 10 without a count.
 */
duration?: number, 
/**
 * Senders, each with a connection of its own; 16 unless given.
 */
concurrency?: number, 
/**
 * Deliveries a second that are due whatever the target does. Without it each sender waits for its answer.
 */
rate?: number, 
/**
 * Seconds in which the rate, or the number of senders, grows to its full value.
 */
ramp?: number, 
/**
 * How often each sample is sent beside the others; 1 where it is not named.
 */
weights?: Array<LoadWeight>, };

/**
 * Answers of a status.
 */
export type LoadStatus = { 
/**
 * The status.
 */
status: number, 
/**
 * How many.
 */
count: number, };

/**
 * Deliveries of a webhook.
 */
export type LoadWebhook = { 
/**
 * Name of its sample.
 */
name: string, 
/**
 * How many ended.
 */
ended: number, 
/**
 * How many of them failed.
 */
failed: number, };

/**
 * How often a sample is sent.
 */
export type LoadWeight = { 
/**
 * The sample's name.
 */
sample: string, 
/**
 * 1 to 1000.
 */
weight: number, };

/**
 * One console line.
 */
export type LogLine = { 
/**
 * `log`, `info`, `warn`, `error`, `debug`.
 */
level: string, 
/**
 * Text.
 */
message: string, 
/**
 * Milliseconds after the delivery's start.
 */
at_ms: number, };

/**
 * A delivery without a partner.
 */
export type LoneDelivery = { 
/**
 * What was sent.
 */
name: string, 
/**
 * Delivery id.
 */
delivery: string, };

/**
 * What a mapping makes of one event.
 */
export type MappedEvent = { 
/**
 * What the mapping reads.
 */
document: JsonValue, 
/**
 * The fields in the order of `adapter.toml`.
 */
fields: Array<MappedField>, };

/**
 * One field.
 */
export type MappedField = { 
/**
 * Its name.
 */
field: string, 
/**
 * Its type, where the entry or the upstream says one.
 */
kind: string | null, 
/**
 * The entry as it stands in `adapter.toml`.
 */
entry: JsonValue, 
/**
 * What it will hold; `null` when there is a problem with the entry.
 */
value: JsonValue | null, 
/**
 * Whether it has no value, so that the adapter leaves it out.
 */
is_empty: boolean, 
/**
 * Whether the entry's default stands in.
 */
is_default: boolean, 
/**
 * What is wrong.
 */
problem: MappingProblem | null, };

/**
 * What a mapping makes of a webhook.
 */
export type MappingPreview = { 
/**
 * The sample; `null` for a body of one's own.
 */
sample: string | null, 
/**
 * Whether the sample's expectation says that the adapter is done with it before the mapping: a handshake, an edit.
 */
ends_before: boolean, 
/**
 * The events of the webhook; most have one.
 */
events: Array<MappedEvent>, 
/**
 * Fields with a problem, of all events.
 */
problems: number, };

/**
 * `mapping_preview`.
 */
export type MappingPreviewRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * A sample's name. Without it and without a body the most telling one.
 */
sample: string | null, 
/**
 * The body of a webhook as its sender wrote it, in the place of a sample's.
 */
body: string | null, 
/**
 * Unsaved text of `adapter.toml`.
 */
manifest: string | null, };

/**
 * What is wrong with an entry or its value.
 */
export type MappingProblem = { 
/**
 * What, and what to do.
 */
message: string, 
/**
 * Where in `adapter.toml`.
 */
range: TextRange, };

/**
 * `mapping_set`.
 */
export type MappingSetRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * The field.
 */
field: string, 
/**
 * A text, or a table with `value` and what else an entry may have; `null` removes the entry.
 */
entry: JsonValue | null, 
/**
 * Revision of `adapter.toml` that the change is made from; a different one on disk is a `workspace.conflict`.
 */
revision: string, };

/**
 * `platform_status`.
 */
export type PlatformStatus = { 
/**
 * Whether it answers.
 */
running: boolean, 
/**
 * Whether this process runs it (`false`: it is shared with another one).
 */
own: boolean, 
/**
 * Process that runs it.
 */
pid: number | null, 
/**
 * v4 API, ends in `/client/v4`.
 */
api_url: string | null, 
/**
 * Where webhooks go.
 */
dispatcher_url: string | null, };

/**
 * Every provider that Patchbay can sign as.
 */
export type ProviderList = { 
/**
 * In the order of the documentation.
 */
providers: Array<ProviderSummary>, };

/**
 * One key of `[provider_settings]`.
 */
export type ProviderSettingSummary = { 
/**
 * The key.
 */
name: string, 
/**
 * Whether nothing can be signed without it.
 */
required: boolean, 
/**
 * What it is and where the provider shows it.
 */
description: string, };

/**
 * A sender of webhooks.
 */
export type ProviderSummary = { 
/**
 * The word in `adapter.toml` and in samples.
 */
id: string, 
/**
 * Its own spelling.
 */
name: string, 
/**
 * How long it waits for an answer, in seconds; `null` where it publishes no figure.
 */
deadline_seconds: number | null, 
/**
 * Keys of `[provider_settings]`.
 */
settings: Array<ProviderSettingSummary>, 
/**
 * For one that signs with keys of its own: where a receiver gets their public part.
 */
own_keys: string | null, 
/**
 * The public key to set where it is configured by hand; `null` where it is fetched or there is none.
 */
public_key: string | null, 
/**
 * Samples in the catalogue.
 */
samples: number, };

/**
 * A publish that is over.
 */
export type PublishFinished = { 
/**
 * Job id.
 */
job: string, 
/**
 * The new version, when it went well.
 */
version: VersionSummary | null, 
/**
 * Why not, otherwise. The live version is as it was.
 */
error: WireError | null, 
/**
 * What lint found, warnings included.
 */
diagnostics: Array<Diagnostic>, };

/**
 * One step as it happens.
 */
export type PublishProgress = { 
/**
 * Job id.
 */
job: string, 
/**
 * Which step.
 */
step: PublishStep, 
/**
 * Where it is.
 */
state: StepState, 
/**
 * What to show beside it.
 */
message: string, 
/**
 * Milliseconds that it took, when over.
 */
duration_ms: number | null, };

/**
 * `publish_start`.
 */
export type PublishRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * `production`, `staging`, `development`.
 */
environment: string, 
/**
 * What to remember about this version.
 */
note: string | null, 
/**
 * Lint rules whose errors are not to stop this publish.
 */
allowances?: Array<LintAllowance>, };

/**
 * The steps of a publish, in order.
 */
export type PublishStep = "lint" | "bundle" | "size" | "bindings" | "upload" | "smoke" | "record";

/**
 * A dispatcher elsewhere.
 */
export type RemoteDispatcher = { 
/**
 * Its URL; redirects are not followed.
 */
url: string, 
/**
 * Headers for every request.
 */
headers: Array<[string, string]>, };

/**
 * Which code serves a run.
 */
export type ReplayAgainst = "live" | "draft" | { "version": string };

/**
 * `replay_export`.
 */
export type ReplayExportRequest = { 
/**
 * A delivery, or a run, `run-…`.
 */
id: string, 
/**
 * What it becomes.
 */
format: ExportFormat, };

/**
 * `replay_export_save`: the same, into a file. The window has no files of its own.
 */
export type ReplayExportSaveRequest = { 
/**
 * What becomes what.
 */
export: ReplayExportRequest, 
/**
 * The file, absolute or relative to the workspace's folder. One that is there is replaced when the new one is whole.
 */
output: string, };

/**
 * An export that was saved.
 */
export type ReplayExportSaved = { 
/**
 * The file.
 */
output: string, 
/**
 * Deliveries in it.
 */
deliveries: number, };

/**
 * An export. Secrets are redacted by value.
 */
export type ReplayExported = { 
/**
 * A name for its file.
 */
file_name: string, 
/**
 * `application/json`, `application/xml`, `text/html`.
 */
media_type: string, 
/**
 * The whole text.
 */
content: string, 
/**
 * Deliveries in it.
 */
deliveries: number, };

/**
 * A run that is over.
 */
export type ReplayFinished = { 
/**
 * Job id.
 */
job: string, 
/**
 * Run id.
 */
run: string, 
/**
 * Deliveries that were made.
 */
sent: number, 
/**
 * Whether somebody cancelled it.
 */
cancelled: boolean, 
/**
 * Why it ended early. What was sent before is kept.
 */
error: WireError | null, };

/**
 * The last deliveries.
 */
export type ReplayLast = { 
/**
 * At most so many.
 */
count: number, 
/**
 * Only ones that were sent then or later: RFC 3339, a date, or `10m`, `2h`, `3d` ago.
 */
since?: string, };

/**
 * Deliveries, newest first.
 */
export type ReplayList = { 
/**
 * Newest first.
 */
deliveries: Array<DeliverySummary>, };

/**
 * `replay_list`.
 */
export type ReplayListRequest = { 
/**
 * Only this tenant.
 */
tenant: string | null, 
/**
 * Only this adapter of it.
 */
adapter: string | null, 
/**
 * At most so many, newest first.
 */
limit: number, };

/**
 * A delivery of a run that is kept now.
 */
export type ReplayProgress = { 
/**
 * Job id.
 */
job: string, 
/**
 * Run id.
 */
run: string, 
/**
 * Deliveries that were made until now.
 */
sent: number, 
/**
 * Webhooks that the run sends.
 */
webhooks: number, 
/**
 * The delivery.
 */
delivery: DeliverySummary, };

/**
 * `replay_run`.
 */
export type ReplayRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * Sample name.
 */
sample: string, 
/**
 * `production`, …
 */
environment: string, 
/**
 * What breaks during this replay, `notion#2:429:retry-after=1`.
 */
faults?: Array<string>, };

/**
 * Which webhooks.
 */
export type ReplaySelection = "first" | "all" | { "samples": Array<string> } | { "from": string } | { "last": ReplayLast } | { "texts": Array<ReplayText> };

/**
 * `replay_show`.
 */
export type ReplayShowRequest = { 
/**
 * Delivery id.
 */
delivery: string, };

/**
 * `replay_start`: a run of one or many webhooks.
 */
export type ReplayStartRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * `production`, …
 */
environment: string, 
/**
 * What is sent, one after another.
 */
webhooks: ReplaySelection, 
/**
 * Which code serves it.
 */
against?: ReplayAgainst, 
/**
 * A dispatcher elsewhere, in the place of the embedded platform's. Its answers are all that is seen of it.
 */
remote?: RemoteDispatcher, 
/**
 * What breaks during each webhook, `notion#2:429:retry-after=1`.
 */
faults?: Array<string>, 
/**
 * What the sender does beyond sending each once: `duplicate`, `reordered`, `stale`, `stale=SECONDS`, `bad-signature`,
 * `retries`.
 */
sender?: Array<string>, 
/**
 * Seconds by which the sender's clock is ahead; negative ones are behind.
 */
clock_skew?: number, };

/**
 * A run that goes on; its traces and its end come as events.
 */
export type ReplayStarted = { 
/**
 * Job id, to cancel it.
 */
job: string, 
/**
 * Run id, `run-…`, which every delivery of it bears.
 */
run: string, 
/**
 * Webhooks that it sends.
 */
webhooks: number, };

/**
 * A sample, a curl command, a raw HTTP request or a HAR.
 */
export type ReplayText = { 
/**
 * The file's name; standard input has none.
 */
name?: string, 
/**
 * The exact bytes.
 */
content_base64: string, };

/**
 * A report, as data and as text.
 */
export type ResilienceAnswer = { 
/**
 * Whether everything ended as it should.
 */
holds: boolean, 
/**
 * Samples, trials, attempts, verdicts.
 */
report: JsonValue, 
/**
 * The same for people.
 */
text: string, };

/**
 * A report is over.
 */
export type ResilienceFinished = { 
/**
 * Job id.
 */
job: string, 
/**
 * The report; `null` when it could not be made. Its JSON is that of `patchbay resilience --json`.
 */
report: ResilienceAnswer | null, 
/**
 * Why it could not be made.
 */
error: WireError | null, };

/**
 * A trial was made.
 */
export type ResilienceProgress = { 
/**
 * Job id.
 */
job: string, 
/**
 * Sample that is tried.
 */
sample: string, 
/**
 * Trials of it that were made.
 */
done: number, 
/**
 * Trials of it in all.
 */
of: number, };

/**
 * `resilience_start`: tries everything that can go wrong with an adapter's samples.
 */
export type ResilienceRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * `production`, …
 */
environment: string, 
/**
 * Names of samples; all of them when none is named.
 */
samples?: Array<string>, };

/**
 * `version_rollback`.
 */
export type RollbackRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * `production`, …
 */
environment: string, 
/**
 * Version number to publish again.
 */
number: number, };

/**
 * A rollback that went well.
 */
export type RolledBack = { 
/**
 * The version that is live now.
 */
version: VersionSummary, 
/**
 * Secrets that changed after the kept version was made; the old code runs with their new values.
 */
secrets_changed_since: Array<string>, };

/**
 * Which rule matched, and why the others did not. Decided by the dispatcher's own code.
 */
export type RouteDecision = { 
/**
 * Whether a rule matched.
 */
matched: boolean, 
/**
 * Name of the service for people and headers.
 */
service: string | null, 
/**
 * Script that would serve it.
 */
script: string | null, 
/**
 * Tenant, where the rule names one.
 */
tenant: string | null, 
/**
 * Adapter, where the rule names one.
 */
adapter: string | null, 
/**
 * Environment that was asked about.
 */
environment: string | null, 
/**
 * Namespace binding of the dispatcher.
 */
binding: string | null, 
/**
 * Dispatch namespace behind the binding.
 */
namespace: string | null, 
/**
 * Path that the script sees.
 */
path: string | null, 
/**
 * Why the request would reach no script although a rule matches.
 */
problem: string | null, 
/**
 * What is worth knowing about where it goes.
 */
notes: Array<string>, 
/**
 * Every rule in order.
 */
rules: Array<RouteRuleVerdict>, };

/**
 * One rule's verdict.
 */
export type RouteRuleVerdict = { 
/**
 * What the rule is, for people.
 */
rule: string, 
/**
 * Whether it matched.
 */
matched: boolean, 
/**
 * Why, or why not.
 */
reason: string, };

/**
 * `route_test`.
 */
export type RouteTestRequest = { 
/**
 * Absolute URL.
 */
url: string, 
/**
 * Request headers.
 */
headers: Array<[string, string]>, 
/**
 * production, staging or development; that of the platform's first dispatcher when absent.
 */
environment?: string, };

/**
 * `sample_add`: from the catalogue or from a pasted text, one of the two.
 */
export type SampleAddRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * Name of the new sample; `null` for that of the catalogue.
 */
name: string | null, 
/**
 * Id in the catalogue.
 */
catalogue: string | null, 
/**
 * A curl command, a raw HTTP request, or a HAR or one of its entries.
 */
text: string | null, 
/**
 * Whether a sample of that name is replaced.
 */
replace: boolean, };

/**
 * A sample that was added.
 */
export type SampleAdded = { 
/**
 * Its name.
 */
name: string, 
/**
 * Who sends it.
 */
provider: string, 
/**
 * The provider's name of the event.
 */
event: string, 
/**
 * Names of headers and options of the pasted request that were left out, because they carry credentials.
 */
left_out: Array<string>, 
/**
 * What a person should do or know.
 */
remarks: Array<string>, };

/**
 * Samples that come with Patchbay, best first.
 */
export type SampleCatalogue = { 
/**
 * Best first.
 */
samples: Array<CatalogueEntry>, };

/**
 * A sample as its file says.
 */
export type SampleContent = { 
/**
 * Name, or id in the catalogue.
 */
name: string, 
/**
 * What stands, or would stand, in `samples/<name>.json`.
 */
sample: JsonValue, 
/**
 * For the provider `custom` of the catalogue: what belongs into `[provider_settings]`; else `null`.
 */
provider_settings: JsonValue, };

/**
 * The samples of an adapter.
 */
export type SampleList = { 
/**
 * By name.
 */
samples: Array<SampleSummary>, 
/**
 * Files that are no samples.
 */
problems: Array<string>, };

/**
 * `sample_search`.
 */
export type SampleSearchRequest = { 
/**
 * Words that must all occur; empty for every sample.
 */
text: string, 
/**
 * Only samples of this provider.
 */
provider: string | null, };

/**
 * `sample_show`.
 */
export type SampleShowRequest = { 
/**
 * Whose sample; `null` for the catalogue.
 */
adapter: AdapterKey | null, 
/**
 * Name, or id in the catalogue.
 */
sample: string, };

/**
 * `sample_sign`.
 */
export type SampleSignRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * Sample name.
 */
sample: string, 
/**
 * `production`, …: whose signing secret.
 */
environment: string, 
/**
 * Where the adapter is reached, `https://hooks.example.com`; the sample's path follows. Some schemes sign it.
 */
url: string, };

/**
 * One sample in a list.
 */
export type SampleSummary = { 
/**
 * File name without `.json`.
 */
name: string, 
/**
 * Provider that signs it.
 */
provider: string, 
/**
 * The provider's name of the event.
 */
event: string, 
/**
 * What a person should know about it.
 */
description: string, 
/**
 * Whether an expectation stands beside it.
 */
has_expectation: boolean, };

/**
 * What a receiver that follows the provider's scheme makes of a request.
 */
export type SampleVerdict = { 
/**
 * The provider whose scheme it was judged by.
 */
provider: string, 
/**
 * Whether it is from whoever knows the secret, and fresh.
 */
accepted: boolean, 
/**
 * Why it must not be trusted; `null` when it is accepted.
 */
refusal: string | null, 
/**
 * Whether the provider asks with it if the endpoint is the right one.
 */
handshake: boolean, 
/**
 * The id that stays the same when the provider delivers the event again.
 */
event_id: string | null, };

/**
 * `sample_verify`.
 */
export type SampleVerifyRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id: its manifest names the provider and the signing secret.
 */
adapter: string, 
/**
 * `production`, …: whose signing secret.
 */
environment: string, 
/**
 * The request to judge.
 */
request: WebhookRequest, };

/**
 * `secret_delete`.
 */
export type SecretDeleteRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * Binding name.
 */
name: string, };

/**
 * `secret_set`. This is the only place where a value crosses, inwards.
 */
export type SecretSetRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * Binding name.
 */
name: string, 
/**
 * The value.
 */
value: string, };

/**
 * A public part of a simulated sender's key.
 */
export type SenderKey = { 
/**
 * Where the receiver would fetch it.
 */
url: string, 
/**
 * The certificate as PEM, or the key set as JSON.
 */
text: string, };

/**
 * Which script served a delivery.
 */
export type ServedBy = { 
/**
 * Dispatch namespace.
 */
namespace: string, 
/**
 * Script name.
 */
script: string, 
/**
 * Version id.
 */
version: string, };

/**
 * How grave a diagnostic is.
 */
export type Severity = "error" | "warning";

/**
 * A request as its provider would send it at this moment.
 */
export type SignedSample = { 
/**
 * The request.
 */
request: WebhookRequest, 
/**
 * Whether a receiver that verifies with the same secret accepts it.
 */
accepted: boolean, 
/**
 * Whether and how it is signed, for people.
 */
signing: string, 
/**
 * What a receiver fetches from the provider to verify it; empty where the signing secret says it all.
 */
keys: Array<SenderKey>, };

/**
 * One file of an adapter.
 */
export type SourceFile = { 
/**
 * Path in the adapter's folder, `src/adapter.ts`.
 */
path: string, 
/**
 * Its text.
 */
text: string, 
/**
 * Hash of the text on disk; give it back with a write.
 */
revision: string, };

/**
 * A bar of the waterfall.
 */
export type Span = { 
/**
 * `delivery`, `dispatch`, `adapter`, `outbound`.
 */
kind: string, 
/**
 * What to write beside it.
 */
label: string, 
/**
 * Depth in the tree, from 0.
 */
depth: number, 
/**
 * Start, milliseconds after the delivery's start.
 */
start_ms: number, 
/**
 * Length in milliseconds.
 */
duration_ms: number, };

/**
 * Where a step is.
 */
export type StepState = "started" | "done" | "failed" | "skipped";

/**
 * The catalogue.
 */
export type TemplateList = { 
/**
 * In the order of the gallery.
 */
templates: Array<TemplateSummary>, };

/**
 * What a person does at one provider.
 */
export type TemplateSetUp = { 
/**
 * `Set up Notion (3 minutes)`.
 */
title: string, 
/**
 * Markdown.
 */
steps: string, };

/**
 * One template.
 */
export type TemplateSummary = { 
/**
 * Folder name, `slack-to-notion`.
 */
id: string, 
/**
 * Name for people.
 */
name: string, 
/**
 * One sentence.
 */
description: string, 
/**
 * Who sends the webhooks.
 */
provider: string, 
/**
 * Hosts it calls.
 */
upstreams: Array<string>, 
/**
 * Bindings that it needs, by name.
 */
needs: Array<string>, 
/**
 * The sample that shows best what it does.
 */
preview: string, 
/**
 * What has to be done before it works, in order.
 */
set_up: Array<TemplateSetUp>, 
/**
 * Markdown.
 */
readme: string, };

/**
 * `tenant_add`.
 */
export type TenantAddRequest = { 
/**
 * Id to make.
 */
id: string, 
/**
 * Name for people; the id when absent.
 */
name: string | null, 
/**
 * Region word.
 */
region: string, 
/**
 * Hosts that its adapters may call.
 */
egress: Array<string>, };

/**
 * One tenant with its adapters.
 */
export type TenantSummary = { 
/**
 * Tenant id.
 */
id: string, 
/**
 * Name for people; the id when the settings cannot be read.
 */
name: string, 
/**
 * Region; empty when the settings cannot be read.
 */
region: string, 
/**
 * Hosts that its adapters may call.
 */
egress: Array<string>, 
/**
 * Its adapters by id.
 */
adapters: Array<AdapterSummary>, 
/**
 * Why this tenant cannot be used, when its files are broken.
 */
problem: WireError | null, };

/**
 * Text in the place of other text.
 */
export type TextEdit = { 
/**
 * What is replaced.
 */
range: TextRange, 
/**
 * What stands there then.
 */
text: string, };

/**
 * A range as editors count it: from 1, columns in UTF-16 units, end exclusive.
 */
export type TextRange = { 
/**
 * First line.
 */
start_line: number, 
/**
 * First column.
 */
start_column: number, 
/**
 * Last line.
 */
end_line: number, 
/**
 * Column after the last.
 */
end_column: number, };

/**
 * A delivery from ingress to answer. Secrets are redacted by value.
 */
export type Trace = { 
/**
 * Head of the trace.
 */
summary: DeliverySummary, 
/**
 * Provider that signed the sample.
 */
provider: string, 
/**
 * Rule of the dispatcher that matched; `null` where none did or nobody can say.
 */
rule: string | null, 
/**
 * Environment, `production`.
 */
environment: string, 
/**
 * Region, `eu`.
 */
region: string, 
/**
 * Script, namespace and version that served it; `null` when no script was reached.
 */
served_by: ServedBy | null, 
/**
 * What the sender sent.
 */
request: WireRequest, 
/**
 * What the sender got; `null` when there was no answer.
 */
response: WireResponse | null, 
/**
 * Spans for the waterfall, the whole delivery first.
 */
spans: Array<Span>, 
/**
 * Console output in order.
 */
logs: Array<LogLine>, 
/**
 * Exceptions, with the author's line where a source map tells it.
 */
exceptions: Array<WireException>, 
/**
 * Outbound calls in order.
 */
outbound: Array<WireOutboundCall>, 
/**
 * Differences from the expectation.
 */
differences: Array<Difference>, 
/**
 * Sentences a person should read: deadline missed, tail not complete, …
 */
remarks: Array<string>, 
/**
 * The same as text, for people.
 */
text: string, };

/**
 * One `OpenAPI` document.
 */
export type UpstreamDocument = { 
/**
 * File name.
 */
name: string, 
/**
 * Hosts that are answered for because of it.
 */
hosts: Array<string>, 
/**
 * Patterns in it that texts are not checked against (look-around, back references).
 */
unchecked_patterns: Array<string>, 
/**
 * Why it cannot be used.
 */
problem: WireError | null, };

/**
 * `upstream_fault`: replaces the faults that the tenant has.
 */
export type UpstreamFaultRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * As a person writes them, `notion#2:429:retry-after=1`. None of them: no call breaks any more.
 */
faults: Array<string>, };

/**
 * A tenant's upstreams and the documents of the workspace.
 */
export type UpstreamList = { 
/**
 * By id, those that nobody has called included.
 */
upstreams: Array<UpstreamSummary>, 
/**
 * `upstreams/*.json` and `*.yaml`, which `custom` answers for.
 */
documents: Array<UpstreamDocument>, };

/**
 * `upstream_list`.
 */
export type UpstreamListRequest = { 
/**
 * Tenant id.
 */
tenant: string, };

/**
 * `upstream_reset`.
 */
export type UpstreamResetRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Only this upstream; `null` for all.
 */
upstream: string | null, };

/**
 * `upstream_show`.
 */
export type UpstreamShowRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Upstream id, `notion`.
 */
upstream: string, };

/**
 * What one upstream keeps.
 */
export type UpstreamState = { 
/**
 * Upstream id.
 */
upstream: string, 
/**
 * Oldest first.
 */
kept: Array<KeptObject>, };

/**
 * What one upstream has seen.
 */
export type UpstreamSummary = { 
/**
 * `notion`, …
 */
id: string, 
/**
 * Hosts that it answers for; `*.example.com` covers subdomains.
 */
hosts: Array<string>, 
/**
 * Calls since the platform started, or since it was reset.
 */
calls: number, 
/**
 * Things that it keeps.
 */
kept: number, 
/**
 * Its faults, as a person writes them.
 */
faults: Array<string>, 
/**
 * What it accepted although it would fail later on.
 */
late_failures: Array<string>, };

/**
 * Versions, newest first.
 */
export type VersionList = { 
/**
 * Newest first.
 */
versions: Array<VersionSummary>, };

/**
 * `version_list`.
 */
export type VersionListRequest = { 
/**
 * Tenant id.
 */
tenant: string, 
/**
 * Adapter id.
 */
adapter: string, 
/**
 * `production`, …
 */
environment: string, };

/**
 * One version that was published from here.
 */
export type VersionSummary = { 
/**
 * Counts from 1 for each adapter and environment.
 */
number: number, 
/**
 * The upload's id on the target, 32 hex digits.
 */
id: string, 
/**
 * RFC 3339.
 */
created_at: string, 
/**
 * `production`, …
 */
environment: string, 
/**
 * `local`, `cloudflare`.
 */
target: string, 
/**
 * Dispatch namespace.
 */
namespace: string, 
/**
 * What was noted.
 */
note: string | null, 
/**
 * Whether it is the newest.
 */
live: boolean, 
/**
 * Lint rules that it was allowed to break, with the reasons.
 */
allowances: Array<LintAllowance>, 
/**
 * Bytes of its modules, source maps included.
 */
bytes: number, };

/**
 * A whole webhook request.
 */
export type WebhookRequest = { 
/**
 * HTTP method.
 */
method: string, 
/**
 * Absolute URL.
 */
url: string, 
/**
 * Names and values in order.
 */
headers: Array<[string, string]>, 
/**
 * The exact bytes of the body, in base64.
 */
body_base64: string, };

/**
 * A body.
 */
export type WireBody = { 
/**
 * The text, or the base64 of bytes that are not UTF-8.
 */
text: string, 
/**
 * Whether `text` is base64.
 */
base64: boolean, 
/**
 * Bytes on the wire.
 */
bytes: number, };

/**
 * An error as people and programs read it.
 */
export type WireError = { 
/**
 * Its kind.
 */
code: ErrorCode, 
/**
 * What went wrong, a sentence start without a full stop.
 */
message: string, 
/**
 * What caused it, nearest first.
 */
causes: Array<string>, 
/**
 * What to do, most likely first.
 */
hints: Array<string>, };

/**
 * An exception.
 */
export type WireException = { 
/**
 * `TypeError`.
 */
name: string, 
/**
 * Message.
 */
message: string, 
/**
 * Author's file, where known.
 */
file: string | null, 
/**
 * Author's line, from 1.
 */
line: number | null, 
/**
 * Author's column, from 1.
 */
column: number | null, 
/**
 * Stack text with the author's positions where known.
 */
stack: string, };

/**
 * One outbound call.
 */
export type WireOutboundCall = { 
/**
 * What the adapter sent.
 */
request: WireRequest, 
/**
 * What it got.
 */
response: WireResponse, 
/**
 * `simulated`, `live`, `refused`.
 */
answered_by: string, 
/**
 * `cut_off` or `reset`, where the answer broke off. After a reset the status is 0.
 */
interruption: string | null, 
/**
 * 1 for a first try; the same call made again after a failure counts up.
 */
attempt: number, 
/**
 * Milliseconds for which it waited for its turn in the tenant's pace; `null` where the tenant has none.
 */
pacing_ms: number | null, 
/**
 * Milliseconds after the delivery's start.
 */
start_ms: number, 
/**
 * Length in milliseconds.
 */
duration_ms: number, };

/**
 * A request with its body as text.
 */
export type WireRequest = { 
/**
 * Method.
 */
method: string, 
/**
 * Absolute URL.
 */
url: string, 
/**
 * Names and values in order.
 */
headers: Array<[string, string]>, 
/**
 * Body as text, or base64.
 */
body: WireBody, };

/**
 * An answer with its body as text.
 */
export type WireResponse = { 
/**
 * Status.
 */
status: number, 
/**
 * Names and values in order.
 */
headers: Array<[string, string]>, 
/**
 * Body as text, or base64.
 */
body: WireBody, };

/**
 * `workspace_open`.
 */
export type WorkspaceOpenRequest = { 
/**
 * Folder with a `patchbay.toml`.
 */
path: string, };

/**
 * What is in a workspace.
 */
export type WorkspaceOverview = { 
/**
 * Absolute folder.
 */
path: string, 
/**
 * Name for people.
 */
name: string, 
/**
 * Tenants by id.
 */
tenants: Array<TenantSummary>, 
/**
 * Unknown keys and the like, found while reading.
 */
warnings: Array<string>, };
