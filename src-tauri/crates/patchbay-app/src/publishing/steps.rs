//! The steps of a publish, reported as they happen.

use super::unfinished::{settle_unfinished, version_tag};
use super::{Report, Target, record, rollback};
use crate::app::{App, OpenWorkspace};
use crate::bindings::UploadBindings;
use crate::replaying;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::publish::{PublishProgress, PublishStep, StepState, VersionSummary};
use patchbay_bundle::Bundle;
use patchbay_cloudflare::CloudflareError;
use patchbay_cloudflare::wire::metadata::Metadata;
use patchbay_cloudflare::wire::script::Limits;
use patchbay_core::policy::PlanLimits;
use patchbay_core::{AdapterManifest, AdapterRef, Environment, LintAllowance};
use patchbay_workspace::VersionRecord;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// Reports steps and stops between them, or inside one, when the job is cancelled.
pub(super) struct Steps<'a> {
    pub report: Report<'a>,
    pub job: &'a str,
    pub cancel: &'a CancellationToken,
}

impl Steps<'_> {
    /// A step that a cancel interrupts.
    pub async fn run<T>(
        &self,
        step: PublishStep,
        begins: &str,
        work: impl Future<Output = Result<(T, String), WireError>>,
    ) -> Result<T, WireError> {
        let interruptible = async {
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => Err(cancelled()),
                outcome = work => outcome,
            }
        };
        self.finish(step, begins, interruptible).await
    }

    /// A step that is awaited to its end once it began, because a request cut in half may have taken effect.
    pub async fn finish<T>(
        &self,
        step: PublishStep,
        begins: &str,
        work: impl Future<Output = Result<(T, String), WireError>>,
    ) -> Result<T, WireError> {
        self.tell(step, StepState::Started, begins, None);
        let clock = Instant::now();
        let outcome = if self.cancel.is_cancelled() { Err(cancelled()) } else { work.await };
        let took = Some(clock.elapsed().as_secs_f64() * 1000.0);
        match outcome {
            Ok((value, message)) => {
                self.tell(step, StepState::Done, &message, took);
                Ok(value)
            }
            Err(error) => {
                self.tell(step, StepState::Failed, &error.message, took);
                Err(error)
            }
        }
    }

    pub fn skip(&self, step: PublishStep, why: &str) {
        self.tell(step, StepState::Skipped, why, None);
    }

    fn tell(&self, step: PublishStep, state: StepState, message: &str, duration_ms: Option<f64>) {
        (self.report)(PublishProgress {
            job: self.job.to_owned(),
            step,
            state,
            message: message.to_owned(),
            duration_ms,
        });
    }
}

fn cancelled() -> WireError {
    WireError::new(ErrorCode::PublishCancelled, "The publish was cancelled").with_hint("The live version is as it was")
}

/// Everything that an upload needs, checked.
pub(super) struct Prepared<'a> {
    pub app: &'a Arc<App>,
    pub open: &'a Arc<OpenWorkspace>,
    pub adapter: &'a AdapterRef,
    pub environment: Environment,
    pub namespace: String,
    pub manifest: &'a AdapterManifest,
    pub limits: PlanLimits,
    pub bundle: Bundle,
    pub bindings: UploadBindings,
    pub note: String,
    pub lint_allowances: Vec<LintAllowance>,
}

impl Prepared<'_> {
    /// Upload, smoke replay, record. Whatever fails, the version that was live before is live after.
    pub async fn go_live(self, steps: &Steps<'_>, target: Target) -> Result<VersionSummary, WireError> {
        settle_unfinished(self.app, self.adapter, self.environment).await?;
        let before = self
            .open
            .workspace
            .versions(self.adapter, self.environment)?
            .into_iter()
            .find_map(|entry| entry.record.ok());
        let number = self.open.workspace.reserve_version_number(self.adapter, self.environment)?;
        let script = self.adapter.script_name();
        let client = target.client(self.app).await?;

        let record = self.record(number, target);
        // Written down before it leaves. Where nobody sees the end of the upload, this publish or the next one asks the
        // target what became of it.
        let unfinished = self.open.workspace.begin_version(self.adapter, self.environment, &record)?;
        let uploaded = steps
            .finish(PublishStep::Upload, &format!("{script} to {}", self.namespace), async {
                let metadata = self.metadata(number);
                let script = client
                    .upload_script(&self.namespace, script.as_str(), metadata, &self.bundle.modules)
                    .await
                    .map_err(|error| self.at_the_authors_line(error))?;
                let message = format!("{} in {}", self.adapter, self.namespace);
                Ok((script, message))
            })
            .await?;
        let record = VersionRecord { id: uploaded.deployment_id.unwrap_or_default(), ..record };

        if let Err(error) = self.smoke(steps, target, &record).await {
            match before {
                Some(before) => rollback::upload(&client, &self, &before).await?,
                None => client.delete_script(&self.namespace, script.as_str()).await?,
            }
            unfinished.forget()?;
            return Err(error.with_hint("The version that was live before is live again"));
        }
        // What is live is written down even when somebody cancels now.
        let uncancelled = Steps { cancel: &CancellationToken::new(), ..*steps };
        uncancelled
            .finish(PublishStep::Record, "keeping the version", async {
                self.open.workspace.append_version(self.adapter, self.environment, &record)?;
                unfinished.forget()?;
                Ok(((), format!("version {number}")))
            })
            .await?;
        Ok(record::summary(&record, self.environment, true))
    }

    pub(super) fn metadata(&self, number: u64) -> Metadata {
        metadata(
            self.adapter,
            &self.manifest.compatibility_date,
            &self.manifest.compatibility_flags,
            self.limits,
            number,
            &self.bundle.main_module,
            &self.bindings,
        )
    }

    /// As it is before the upload, which gives it its id.
    fn record(&self, number: u64, target: Target) -> VersionRecord {
        VersionRecord {
            id: String::new(),
            number,
            created_at: record::now(),
            note: self.note.clone(),
            target: target.kind(),
            namespace: self.namespace.clone(),
            main_module: self.bundle.main_module.clone(),
            modules: self.bundle.modules.iter().cloned().map(Into::into).collect(),
            compatibility_date: self.manifest.compatibility_date.clone(),
            compatibility_flags: self.manifest.compatibility_flags.clone(),
            bindings: self.bindings.recorded.clone(),
            lint_allowances: self.lint_allowances.clone(),
            source_digest: source_digest_or_empty(self),
        }
    }

    async fn smoke(&self, steps: &Steps<'_>, target: Target, record: &VersionRecord) -> Result<(), WireError> {
        if target != Target::Local {
            steps.skip(PublishStep::Smoke, "only the embedded platform is replayed on publish");
            return Ok(());
        }
        let Some(sample) = replaying::samples_in_telling_order(self.open, self.adapter)?.into_iter().next() else {
            steps.skip(PublishStep::Smoke, "the adapter has no samples");
            return Ok(());
        };
        steps
            .run(PublishStep::Smoke, &format!("sample {sample}"), async {
                let replay =
                    replaying::replay(self.app, self.adapter, &sample, self.environment, Some(&record.modules), &[]);
                let trace = Box::pin(replay).await?;
                replaying::check_smoke(&trace)?;
                let differs = if trace.differences.as_ref().is_some_and(|found| !found.is_empty()) {
                    ", differs from its expectation"
                } else {
                    ""
                };
                Ok(((), format!("sample {sample} answered {}{differs}", replaying::status(&trace))))
            })
            .await
    }

    /// A start-up error names places in the uploaded modules; the author knows their own files.
    fn at_the_authors_line(&self, error: CloudflareError) -> WireError {
        let runtime_says =
            error.refusal().map(|refusal| self.bundle.source_map.rewrite_stack(refusal.message().trim_end()));
        let mut wire = WireError::from(error);
        if let (ErrorCode::TargetInvalidScript, Some(said)) = (wire.code, runtime_says) {
            wire.message = format!("The script does not start: {said}");
            wire.hints.insert(0, "The live version is as it was".into());
        }
        wire
    }
}

fn source_digest_or_empty(prepared: &Prepared<'_>) -> String {
    record::source_digest(&prepared.open.workspace, prepared.adapter).unwrap_or_default()
}

pub(super) fn metadata(
    adapter: &AdapterRef,
    compatibility_date: &str,
    compatibility_flags: &[String],
    limits: PlanLimits,
    number: u64,
    main_module: &str,
    bindings: &UploadBindings,
) -> Metadata {
    Metadata {
        main_module: Some(main_module.to_owned()),
        bindings: Some(bindings.upload.clone()),
        compatibility_date: Some(compatibility_date.to_owned()),
        compatibility_flags: Some(compatibility_flags.to_vec()),
        // Every secret goes up with its value, so a name that is not declared any more goes.
        keep_bindings: Some(Vec::new()),
        tags: Some(Some(vec![
            format!("tenant:{}", adapter.tenant),
            format!("adapter:{}", adapter.adapter),
            version_tag(number),
        ])),
        limits: Some(Limits { cpu_ms: Some(limits.cpu_ms.into()), subrequests: Some(limits.subrequests.into()) }),
        ..Metadata::default()
    }
}
