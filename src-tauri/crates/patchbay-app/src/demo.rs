//! The demo workspace, and the main job run end to end in it.

use crate::app::{App, blocking};
use crate::publishing::{self, Target};
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::publish::{PublishProgress, PublishRequest};
use crate::wire::replay::{ReplayRequest, Trace};
use crate::{handlers, workspaces};
use patchbay_core::policy::{PlanLimits, RateLimit, RetryPolicy};
use patchbay_core::tenant::TenantSettings;
use patchbay_core::{AdapterRef, BindingKind, Region, Secret, TenantId};
use patchbay_secrets::SecretName;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// How a demo workspace is recognised, so that a reset never touches another folder.
const NAME: &str = "Patchbay demo";
const TENANT: &str = "customer-a";
const ADAPTER: &str = "slack-to-notion";
const TEMPLATE: &str = "slack-to-notion";
const STEPS: u8 = 5;

/// What happens, as it happens.
#[derive(Debug)]
pub enum DemoEvent {
    /// The next part begins.
    Step {
        /// Which, from 1.
        number: u8,
        /// How many there are.
        of: u8,
        /// What it does.
        title: String,
    },
    /// Something worth knowing.
    Detail(String),
    /// A step of the publish.
    Publish(PublishProgress),
    /// A replay as text.
    Trace(String),
}

/// What became of it.
#[derive(Debug, Clone, Serialize)]
pub struct DemoOutcome {
    /// Whether every step held.
    pub as_expected: bool,
    /// In one sentence.
    pub summary: String,
    /// `TENANT/ADAPTER`.
    pub adapter: String,
    /// The file to edit next.
    pub entry_file: String,
    /// The workspace.
    pub workspace: String,
    /// What the replays showed.
    pub traces: Vec<Trace>,
}

/// Makes or resets the demo workspace, opens it, and fills it: tenants, the adapter, its secrets.
pub async fn prepare(app: &Arc<App>, folder: &Path) -> Result<AdapterRef, WireError> {
    make_workspace(app, folder, &|_| ())?;
    make_adapter(app)?;
    let adapter = reference()?;
    set_secrets(app, &adapter).await?;
    Ok(adapter)
}

/// The main job: workspace, adapter, lint, secrets, publish, replay.
pub async fn run(
    app: &Arc<App>,
    folder: &Path,
    report: &(dyn Fn(DemoEvent) + Send + Sync),
) -> Result<DemoOutcome, WireError> {
    let step = |number, title: &str| report(DemoEvent::Step { number, of: STEPS, title: title.into() });
    step(1, "A workspace with two tenants");
    make_workspace(app, folder, report)?;

    step(2, "A new adapter from the template slack-to-notion, linted");
    make_adapter(app)?;
    let adapter = reference()?;
    let key = crate::wire::adapter::AdapterKey::from(&adapter);
    let lint = crate::linting::lint_adapter(app, &adapter, &[])?;
    report(DemoEvent::Detail(format!(
        "{adapter}: {} errors, {} warnings in {} files",
        lint.errors, lint.warnings, lint.files
    )));
    if lint.errors > 0 {
        return Err(WireError::new(ErrorCode::LintErrors, "The template does not lint clean"));
    }

    step(3, "Secrets into the vault, their key into the keychain");
    for name in set_secrets(app, &adapter).await? {
        report(DemoEvent::Detail(format!("{name} is set; its value is never shown again")));
    }

    step(4, "Publish to the dispatch namespace of production in eu");
    let request = PublishRequest {
        tenant: key.tenant.clone(),
        adapter: key.adapter.clone(),
        environment: "production".into(),
        note: Some("demo".into()),
        allowances: Vec::new(),
    };
    publishing::publish(app, &request, Target::Local, &|progress| report(DemoEvent::Publish(progress))).await?;

    step(5, "Replay Slack's samples through the dispatcher");
    let mut traces = Vec::new();
    for sample in handlers::adapter::sample_names(app, &key)? {
        let request = ReplayRequest {
            tenant: key.tenant.clone(),
            adapter: key.adapter.clone(),
            sample,
            environment: "production".into(),
            faults: Vec::new(),
        };
        let trace = handlers::replay::replay_run(app, request).await?;
        if traces.is_empty() || trace.summary.as_expected == Some(false) {
            report(DemoEvent::Trace(trace.text.clone()));
        } else {
            report(DemoEvent::Detail(one_line(&trace)));
        }
        traces.push(trace);
    }
    outcome(app, &adapter, traces)
}

fn outcome(app: &Arc<App>, adapter: &AdapterRef, traces: Vec<Trace>) -> Result<DemoOutcome, WireError> {
    let open = app.workspace()?;
    let held = traces.iter().filter(|trace| trace.summary.as_expected == Some(true)).count();
    let pages = traces.iter().flat_map(|trace| &trace.outbound).filter(|call| creates_a_page(call)).count();
    let manifest = open.workspace.adapter(adapter)?.manifest;
    Ok(DemoOutcome {
        as_expected: !traces.is_empty() && held == traces.len() && pages > 0,
        summary: format!(
            "{held} of {} samples answered as expected, {pages} pages created in Notion (simulated)",
            traces.len()
        ),
        adapter: adapter.to_string(),
        entry_file: open.workspace.adapter_folder(adapter)?.join(manifest.entry).display().to_string(),
        workspace: open.workspace.folder().display().to_string(),
        traces,
    })
}

fn creates_a_page(call: &crate::wire::replay::WireOutboundCall) -> bool {
    call.request.method == "POST"
        && call.request.url == "https://api.notion.com/v1/pages"
        && call.response.status == 200
}

fn one_line(trace: &Trace) -> String {
    let mark = if trace.summary.as_expected == Some(false) { "✗" } else { "✓" };
    format!(
        "{mark} {:<24} {} in {:.0} ms, {} outbound calls",
        trace.summary.sample.as_deref().unwrap_or(""),
        trace.summary.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string()),
        trace.summary.duration_ms,
        trace.summary.outbound_calls,
    )
}

fn reference() -> Result<AdapterRef, WireError> {
    Ok(format!("{TENANT}/{ADAPTER}").parse::<AdapterRef>()?)
}

fn make_workspace(app: &Arc<App>, folder: &Path, report: &(dyn Fn(DemoEvent) + Send + Sync)) -> Result<(), WireError> {
    clear(folder)?;
    if !folder.join("patchbay.toml").exists() {
        workspaces::create_named(folder, NAME)?;
    }
    app.open_workspace(folder)?;
    let open = app.workspace()?;
    report(DemoEvent::Detail(open.workspace.folder().display().to_string()));
    let tenants = [
        (TENANT, "Customer A (Slack, Stripe, Notion)", "eu", &["api.notion.com", "slack.com", "api.stripe.com"][..]),
        (
            "customer-b",
            "Customer B (Teams, PayPal, Airtable)",
            "us",
            &["api.airtable.com", "api-m.paypal.com", "*.logic.azure.com"][..],
        ),
    ];
    for (id, name, region, egress) in tenants {
        let id: TenantId = id.parse()?;
        let settings = TenantSettings {
            name: name.into(),
            region: Region::new(region),
            egress: egress.iter().map(|host| (*host).to_owned()).collect(),
            retry: RetryPolicy::default(),
            rate_limit: RateLimit::default(),
            limits: PlanLimits::default(),
        };
        open.workspace.add_tenant(&id, &settings)?;
        report(DemoEvent::Detail(format!("{id:<12} {region}  {name}")));
    }
    Ok(())
}

/// Empties a demo workspace. What a running platform holds stays, and so do `patchbay.toml` with its id (the keychain
/// entries hang on it); any other folder with something in it is refused.
fn clear(folder: &Path) -> Result<(), WireError> {
    let storage = |error: std::io::Error| {
        WireError::new(ErrorCode::WorkspaceStorage, format!("{} cannot be reset: {error}", folder.display()))
    };
    let is_empty = match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(storage(error)),
    };
    if is_empty {
        return Ok(());
    }
    let is_demo = patchbay_workspace::Workspace::open(folder).is_ok_and(|workspace| workspace.settings().name == NAME);
    if !is_demo {
        return Err(WireError::new(
            ErrorCode::WorkspaceNotFound,
            format!("{} holds something else than a demo workspace", folder.display()),
        )
        .with_hint("Name an empty folder with --workspace, or leave it out"));
    }
    match std::fs::remove_dir_all(folder.join("tenants")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(storage(error)),
        _ => Ok(()),
    }
}

fn make_adapter(app: &Arc<App>) -> Result<(), WireError> {
    let open = app.workspace()?;
    let adapter = reference()?;
    handlers::adapter::create_from_template(&open, &adapter, TEMPLATE)?;
    // The simulated Notion has whatever table is asked for.
    open.workspace.set_plain_text(&adapter, "NOTION_DATA_SOURCE_ID", &uuid::Uuid::new_v4().to_string())?;
    Ok(())
}

/// Random values of the right form, so that the demo needs no account: a signing secret as Slack gives one out, a
/// token as Notion does.
async fn set_secrets(app: &Arc<App>, adapter: &AdapterRef) -> Result<Vec<String>, WireError> {
    let open = app.workspace()?;
    let manifest = open.workspace.adapter(adapter)?.manifest;
    let names: Vec<_> =
        manifest.bindings.into_iter().filter(|binding| binding.kind == BindingKind::SecretText).collect();
    let mut set = Vec::new();
    for binding in names {
        let random = || uuid::Uuid::new_v4().simple().to_string();
        let value = match binding.name.as_str() {
            "NOTION_TOKEN" => format!("ntn_{}{}", random(), &random()[..14]),
            _ => random(),
        };
        let secret = SecretName::new(adapter.adapter.clone(), binding.name.clone());
        let (open, tenant) = (Arc::clone(&open), adapter.tenant.clone());
        blocking(move || open.secrets.set(&tenant, &secret, &Secret::new(value))).await??;
        set.push(binding.name.to_string());
    }
    Ok(set)
}
