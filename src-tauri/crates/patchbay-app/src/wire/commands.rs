//! The command table: name, handler, request and answer. One row is one command in every host.

use crate::App;
use crate::handlers;
use crate::wire::adapter::{
    AdapterDetail, AdapterImportRequest, AdapterImported, AdapterKey, AdapterLintRequest, AdapterNewRequest,
    FileWriteRequest, FileWritten, LintReport,
};
use crate::wire::compare::{
    CompareCodeRequest, CompareRunsRequest, Comparison, ExpectationProposal, ExpectationRequest,
};
use crate::wire::error::WireError;
use crate::wire::export::{ReplayExportRequest, ReplayExportSaveRequest, ReplayExportSaved, ReplayExported};
use crate::wire::history::{
    HistoryExportRequest, HistoryExported, HistoryPage, HistoryPurgeRequest, HistoryPurged, HistorySearchRequest,
};
use crate::wire::load::LoadStartRequest;
use crate::wire::mapping::{MappingPreview, MappingPreviewRequest, MappingSetRequest};
use crate::wire::platform::PlatformStatus;
use crate::wire::publish::{JobStarted, PublishRequest, RollbackRequest, RolledBack, VersionList, VersionListRequest};
use crate::wire::replay::{
    ReplayList, ReplayListRequest, ReplayRequest, ReplayShowRequest, ReplayStartRequest, ReplayStarted, Trace,
};
use crate::wire::resilience::ResilienceRequest;
use crate::wire::route::{RouteDecision, RouteTestRequest};
use crate::wire::sample::{
    ProviderList, SampleAddRequest, SampleAdded, SampleCatalogue, SampleContent, SampleList, SampleSearchRequest,
    SampleShowRequest, SampleSignRequest, SampleVerdict, SampleVerifyRequest, SignedSample,
};
use crate::wire::secret::{BindingList, SecretDeleteRequest, SecretSetRequest};
use crate::wire::template::TemplateList;
use crate::wire::tenant::TenantAddRequest;
use crate::wire::upstream::{
    UpstreamFaultRequest, UpstreamList, UpstreamListRequest, UpstreamResetRequest, UpstreamShowRequest, UpstreamState,
};
use crate::wire::workspace::{WorkspaceOpenRequest, WorkspaceOverview};
use std::sync::Arc;

/// Calls `$body!` with every row of the table.
macro_rules! for_each_command {
    ($body:ident) => {
        $body! {
            workspace_open: handlers::workspace::workspace_open(WorkspaceOpenRequest) -> WorkspaceOverview;
            workspace_create_demo: handlers::workspace::workspace_create_demo(()) -> WorkspaceOverview;
            workspace_overview: handlers::workspace::workspace_overview(()) -> Option<WorkspaceOverview>;
            tenant_add: handlers::tenant::tenant_add(TenantAddRequest) -> WorkspaceOverview;
            template_list: handlers::template::template_list(()) -> TemplateList;
            adapter_new: handlers::adapter::adapter_new(AdapterNewRequest) -> AdapterDetail;
            adapter_import: handlers::adapter::adapter_import(AdapterImportRequest) -> AdapterImported;
            adapter_read: handlers::adapter::adapter_read(AdapterKey) -> AdapterDetail;
            adapter_lint: handlers::adapter::adapter_lint(AdapterLintRequest) -> LintReport;
            file_write: handlers::adapter::file_write(FileWriteRequest) -> FileWritten;
            mapping_preview: handlers::mapping::mapping_preview(MappingPreviewRequest) -> MappingPreview;
            mapping_set: handlers::mapping::mapping_set(MappingSetRequest) -> FileWritten;
            secret_list: handlers::secret::secret_list(AdapterKey) -> BindingList;
            secret_set: handlers::secret::secret_set(SecretSetRequest) -> BindingList;
            secret_delete: handlers::secret::secret_delete(SecretDeleteRequest) -> BindingList;
            publish_start: handlers::publish::publish_start(PublishRequest) -> JobStarted;
            publish_cancel: handlers::publish::publish_cancel(JobStarted) -> ();
            version_list: handlers::publish::version_list(VersionListRequest) -> VersionList;
            version_rollback: handlers::publish::version_rollback(RollbackRequest) -> RolledBack;
            replay_run: handlers::replay::replay_run(ReplayRequest) -> Trace;
            replay_start: handlers::replay::replay_start(ReplayStartRequest) -> ReplayStarted;
            replay_cancel: handlers::replay::replay_cancel(JobStarted) -> ();
            replay_list: handlers::replay::replay_list(ReplayListRequest) -> ReplayList;
            replay_show: handlers::replay::replay_show(ReplayShowRequest) -> Trace;
            load_start: handlers::load::load_start(LoadStartRequest) -> ReplayStarted;
            load_cancel: handlers::load::load_cancel(JobStarted) -> ();
            history_search: handlers::history::history_search(HistorySearchRequest) -> HistoryPage;
            history_export: handlers::history::history_export(HistoryExportRequest) -> HistoryExported;
            history_purge: handlers::history::history_purge(HistoryPurgeRequest) -> HistoryPurged;
            replay_export: handlers::export::replay_export(ReplayExportRequest) -> ReplayExported;
            replay_export_save: handlers::export::replay_export_save(ReplayExportSaveRequest) -> ReplayExportSaved;
            compare_code: handlers::compare::compare_code(CompareCodeRequest) -> Comparison;
            compare_runs: handlers::compare::compare_runs(CompareRunsRequest) -> Comparison;
            expectation_propose: handlers::compare::expectation_propose(ExpectationRequest) -> ExpectationProposal;
            expectation_write: handlers::compare::expectation_write(ExpectationRequest) -> ExpectationProposal;
            resilience_start: handlers::resilience::resilience_start(ResilienceRequest) -> JobStarted;
            resilience_cancel: handlers::resilience::resilience_cancel(JobStarted) -> ();
            provider_list: handlers::sample::provider_list(()) -> ProviderList;
            sample_list: handlers::sample::sample_list(AdapterKey) -> SampleList;
            sample_search: handlers::sample::sample_search(SampleSearchRequest) -> SampleCatalogue;
            sample_show: handlers::sample::sample_show(SampleShowRequest) -> SampleContent;
            sample_add: handlers::sample::sample_add(SampleAddRequest) -> SampleAdded;
            sample_sign: handlers::sample::sample_sign(SampleSignRequest) -> SignedSample;
            sample_verify: handlers::sample::sample_verify(SampleVerifyRequest) -> SampleVerdict;
            upstream_list: handlers::upstream::upstream_list(UpstreamListRequest) -> UpstreamList;
            upstream_show: handlers::upstream::upstream_show(UpstreamShowRequest) -> UpstreamState;
            upstream_reset: handlers::upstream::upstream_reset(UpstreamResetRequest) -> UpstreamList;
            upstream_fault: handlers::upstream::upstream_fault(UpstreamFaultRequest) -> UpstreamList;
            route_test: handlers::route::route_test(RouteTestRequest) -> RouteDecision;
            platform_status: handlers::platform::platform_status(()) -> PlatformStatus;
            platform_start: handlers::platform::platform_start(()) -> PlatformStatus;
        }
    };
}

macro_rules! dispatch_match {
    ($($name:ident: $($segment:ident)::+ ($request:ty) -> $answer:ty;)*) => {
        /// Runs one command: decodes the request, calls its handler, encodes the answer.
        pub async fn dispatch(app: &Arc<App>, command: &str, payload: serde_json::Value) -> Result<serde_json::Value, WireError> {
            match command {
                $(stringify!($name) => {
                    let request: $request = serde_json::from_value(payload)
                        .map_err(|error| WireError::malformed_request(command, &error))?;
                    let answer: $answer = $($segment)::+(app, request).await?;
                    serde_json::to_value(answer).map_err(|error| WireError::internal("The answer could not be encoded", &error))
                })*
                _ => Err(WireError::unknown_command(command)),
            }
        }

        /// Every command, for docs and tests.
        pub const COMMANDS: &[&str] = &[$(stringify!($name)),*];

        /// Request and answer types of every command, for the generated TypeScript.
        pub mod map {
            use super::*;
            use ts_rs::TS;

            /// `command → [request, answer]`.
            #[derive(TS)]
            pub struct CommandMap {
                $(
                    #[doc = concat!("`", stringify!($name), "`")]
                    pub $name: ($request, $answer),
                )*
            }
        }
    };
}

for_each_command!(dispatch_match);
