//! Load runs: from what was asked for to figures that are kept and compared with the last ones.

mod faults;
mod kept;
mod webhooks;

use crate::app::App;
use crate::replaying::{self, ReplayPlace, ReplayPlan, Stage};
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::load::{LoadResult, LoadSettings, LoadStartRequest, LoadWeight};
use crate::wire::replay::ReplayAgainst;
use faults::Broken;
use patchbay_core::redact::Redactor;
use patchbay_replay::load::{LoadPlan, LoadProgress, LoadReport, LoadTarget, run_load};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Told of how far a run is.
pub(crate) type OnProgress<'a> = &'a (dyn Fn(LoadProgress) + Send + Sync);

/// A load run that could be begun.
pub(crate) struct Planned {
    replay: ReplayPlan,
    load: LoadPlan,
    settings: LoadSettings,
}

impl Planned {
    /// The run's id, `run-…`.
    pub(crate) fn run(&self) -> &str {
        &self.replay.run
    }

    /// How many webhooks it sends again and again.
    pub(crate) fn webhooks(&self) -> usize {
        self.replay.webhooks.len()
    }
}

/// What is to be done. Whatever cannot be is an error here, before anything is started.
pub(crate) async fn planned(app: &Arc<App>, request: &LoadStartRequest) -> Result<Planned, WireError> {
    let LoadStartRequest { replay, count, duration, concurrency, rate, ramp, weights } = request;
    let load = LoadPlan::new(*count, *duration, *concurrency, *rate, *ramp)?;
    let one_by_one = |what: &str, hint: &str| {
        WireError::new(ErrorCode::UsageMalformed, format!("A load run cannot be made {what}")).with_hint(hint)
    };
    if !matches!(replay.against, ReplayAgainst::Live) {
        return Err(one_by_one(
            "against a draft or a kept version",
            "They serve deliveries that are recorded one by one; publish to another environment and load that with --env",
        ));
    }
    if !replay.sender.is_empty() || replay.clock_skew.is_some() {
        return Err(one_by_one(
            "with --sender or --clock-skew",
            "`patchbay replay` without --count does that, with a trace of each",
        ));
    }
    let plan = replaying::planned(app, replay).await?;
    if replay.remote.is_some() && !plan.faults.is_empty() {
        return Err(one_by_one(
            "with --fault on a dispatcher elsewhere",
            "Only the embedded platform's upstreams can be broken",
        ));
    }
    let weights = webhooks::weights(&plan, weights)?;
    let settings = LoadSettings {
        environment: plan.environment.to_string(),
        target: match &plan.target {
            ReplayPlace::Embedded => "embedded".to_owned(),
            ReplayPlace::Remote { url, .. } => url.clone(),
        },
        webhooks: weights.into_iter().map(|(sample, weight)| LoadWeight { sample, weight }).collect(),
        count: load.count,
        duration: load.duration.map(|duration| duration.as_secs_f64()),
        concurrency: load.concurrency,
        rate: load.rate,
        ramp: load.ramp.as_secs_f64(),
        faults: plan.faults.clone(),
    };
    Ok(Planned { replay: plan, load, settings })
}

/// Makes the run, keeps its figures and compares them with those of the last run of the same settings.
pub(crate) async fn load(
    app: &Arc<App>,
    planned: Planned,
    told: OnProgress<'_>,
    cancel: &CancellationToken,
) -> Result<LoadResult, WireError> {
    let Planned { replay, load, settings } = planned;
    let stage = Arc::new(Stage::set(app, &replay).await?);
    let target = LoadTarget::resolve(stage.target().dispatcher_url()).await?;
    let mark = match stage.link() {
        Some(link) => Some(link.local.register_load().await?),
        None => None,
    };
    let webhooks = webhooks::of(&stage, &replay, &settings.webhooks, mark)?;
    let secrets = stage.desk().secrets();
    let redactor = Redactor::new(secrets.iter().map(|(name, value)| (name.as_str(), value)));
    let broken = match stage.link().filter(|_| !replay.faults.is_empty()) {
        Some(link) => Some(Broken::until_dropped(link, &replay.adapter.tenant, &replay.faults).await?),
        None => None,
    };
    let report = run_load(&target, &load, webhooks, redactor, cancel, told).await;
    let mended = match broken {
        Some(broken) => broken.mend().await,
        None => Ok(()),
    };
    let report: LoadReport = report?;
    mended?;
    kept::keep_and_compare(app, &replay, settings, &report)
}
