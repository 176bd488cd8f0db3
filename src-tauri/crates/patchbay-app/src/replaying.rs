//! From a sample to a kept trace.

use crate::app::{App, OpenWorkspace};
use crate::signing::Signer;
use crate::wire::error::{ErrorCode, WireError};
use crate::{bindings, upstreams};
use patchbay_bundle::SourceMap;
use patchbay_core::{AdapterManifest, AdapterRef, BindingKind, Environment, Module, Secret};
use patchbay_replay::trace::{Against, Origin, TracedFrame};
use patchbay_replay::{ReplayTarget, Run, Trace, run_once};
use patchbay_webhooks::providers;
use patchbay_workspace::VersionModule;
use std::sync::Arc;

/// Headers under which the presets' first rule finds tenant and adapter.
const TENANT_HEADER: &str = "x-customer-id";
const ADAPTER_HEADER: &str = "x-script-id";

/// Sends a sample through the embedded platform's dispatcher, compares the trace with the sample's expectation and
/// keeps it. `modules` are those of the version that serves; they bring the source maps. `faults` hold for this replay.
pub(crate) async fn replay(
    app: &Arc<App>,
    adapter: &AdapterRef,
    sample_name: &str,
    environment: Environment,
    modules: Option<&[VersionModule]>,
    faults: &[String],
) -> Result<Trace, WireError> {
    let open = app.workspace()?;
    let manifest = open.workspace.adapter(adapter)?.manifest;
    let tenant = open.workspace.tenant(&adapter.tenant)?;
    let sample = open.workspace.sample(adapter, sample_name)?.sample;
    let expectation = open.workspace.expectation(adapter, sample_name)?;

    let link = app.platform.link(app).await?;
    crate::routing::push(app, &link).await?;
    let secrets = secrets_of(app, adapter, &manifest, environment).await?;
    let dispatcher_url = link.dispatcher_url(environment)?;
    let signer = Signer::of(app, adapter, &manifest, &sample.provider, &secrets).await?;
    let prepared = signer.prepare(&sample, dispatcher_url)?;

    let target = ReplayTarget::new(dispatcher_url, Some(link.local.clone()), environment, tenant.settings.region)?;
    let mut request = prepared.request;
    request.headers.set(TENANT_HEADER, adapter.tenant.as_str());
    request.headers.set(ADAPTER_HEADER, adapter.adapter.as_str());
    let run = Run {
        tenant: adapter.tenant.clone(),
        adapter: adapter.adapter.clone(),
        run: None,
        sample: Some(sample_name.to_owned()),
        origin: Origin::Sample,
        against: Against::Live,
        event_id: None,
        sender: None,
        provider: sample.provider.clone(),
        request,
        signing: Some(prepared.signing.to_string()),
        deadline: providers::find(&sample.provider).and_then(patchbay_webhooks::Provider::deadline),
        secrets,
    };
    upstreams::tell_secrets(app, &link, adapter, environment).await?;
    let sent = async { Ok(run_once(&target, run).await?) };
    let mut trace = upstreams::faults_for_a_run(&link, &adapter.tenant, faults, sent).await?;
    map_exceptions(&open, adapter, environment, modules, &mut trace);
    if let Some(expectation) = expectation {
        trace.expect(&expectation);
    }
    open.history()?.append(&trace)?;
    Ok(trace)
}

/// The adapter's secrets by name. One that declares none needs no keychain.
pub(crate) async fn secrets_of(
    app: &Arc<App>,
    adapter: &AdapterRef,
    manifest: &AdapterManifest,
    environment: Environment,
) -> Result<Vec<(String, Secret)>, WireError> {
    if !manifest.bindings.iter().any(|binding| binding.kind == BindingKind::SecretText) {
        return Ok(Vec::new());
    }
    let values = bindings::secret_values(app, adapter, environment).await?;
    Ok(values.into_iter().map(|secret| (secret.name, secret.value)).collect())
}

/// The runtime's stacks name places in the uploaded modules; the author knows their own files.
fn map_exceptions(
    open: &OpenWorkspace,
    adapter: &AdapterRef,
    environment: Environment,
    modules: Option<&[VersionModule]>,
    trace: &mut Trace,
) {
    let Some(run) = trace.adapter_run.as_mut().filter(|run| !run.exceptions.is_empty()) else { return };
    let kept;
    let modules = match modules {
        Some(modules) => modules,
        None => match open.workspace.version(adapter, environment, &run.served_by.version) {
            Ok(record) => {
                kept = record.modules;
                &kept
            }
            // Something else than Patchbay published it; its own positions are all there is.
            Err(_) => return,
        },
    };
    let modules: Vec<Module> = modules.iter().cloned().map(Into::into).collect();
    let Ok(map) = SourceMap::from_modules(&modules) else { return };
    for exception in &mut run.exceptions {
        exception.frames = map
            .map_stack(&exception.stack)
            .into_iter()
            .filter_map(|frame| {
                let source = frame.source?;
                Some(TracedFrame {
                    function: frame.function,
                    file: source.source,
                    line: source.line,
                    column: source.column,
                })
            })
            .collect();
        exception.stack = map.rewrite_stack(&exception.stack);
    }
}

/// The samples of an adapter, the most telling first: those that are expected to call an upstream, then those with an
/// expectation, then the others; short names before long ones.
pub(crate) fn samples_in_telling_order(open: &OpenWorkspace, adapter: &AdapterRef) -> Result<Vec<String>, WireError> {
    let mut ranked = Vec::new();
    for entry in open.workspace.samples(adapter)? {
        let expectation = open.workspace.expectation(adapter, &entry.name)?;
        let calls = expectation
            .as_ref()
            .and_then(|expected| expected["outbound"].as_array())
            .is_some_and(|calls| !calls.is_empty());
        ranked.push((!calls, expectation.is_none(), entry.name.len(), entry.name));
    }
    ranked.sort();
    Ok(ranked.into_iter().map(|(.., name)| name).collect())
}

/// Whether a smoke replay went well: an answer below 500, no exception.
pub(crate) fn check_smoke(trace: &Trace) -> Result<(), WireError> {
    let failed = |message: String| {
        WireError::new(ErrorCode::PublishSmokeFailed, message)
            .with_hint(format!("`patchbay deliveries show {}` shows the whole trace", trace.id))
    };
    let exception = trace.adapter_run.as_ref().and_then(|run| run.exceptions.first());
    if let Some(exception) = exception {
        let at = exception
            .frames
            .first()
            .map_or(String::new(), |frame| format!(" at {}:{}:{}", frame.file, frame.line, frame.column));
        let mut error = failed(format!("The smoke replay threw {}: {}{at}", exception.name, exception.message));
        error.causes.push(exception.stack.clone());
        return Err(error);
    }
    match &trace.response {
        None => Err(failed(format!(
            "The smoke replay got no answer: {}",
            trace.no_answer.as_deref().unwrap_or("the connection ended")
        ))),
        Some(response) if response.status >= 500 => {
            let mut error = failed(format!("The smoke replay was answered with {}", response.status));
            error.causes.push(response.body.text.chars().take(500).collect());
            Err(error)
        }
        Some(_) => Ok(()),
    }
}

/// The answer's status, for people.
pub(crate) fn status(trace: &Trace) -> String {
    trace.response.as_ref().map_or_else(|| "nothing".into(), |response| response.status.to_string())
}
