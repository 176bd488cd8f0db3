//! `patchbay replay --count N …`: a load run.

use super::request;
use crate::Verdict;
use crate::args::ReplayArguments;
use crate::printer::Printer;
use crate::session::{Session, interrupted};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use patchbay_app::handlers::load::load;
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::load::{LoadProgressed, LoadStartRequest};
use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Parts that the bar tells apart.
const PARTS: u64 = 1000;
/// Between two lines where there is no terminal to draw on.
const BETWEEN_LINES: Duration = Duration::from_secs(2);

/// Ends with 0 as other load generators do, also when some deliveries failed or somebody ended it; with 1 when none
/// succeeded.
pub async fn run(session: &Session, arguments: &ReplayArguments) -> Result<Verdict, WireError> {
    let given = &arguments.load;
    let request = LoadStartRequest {
        replay: request::of(arguments)?,
        count: given.count,
        duration: given.duration,
        concurrency: given.concurrency,
        rate: given.rate,
        ramp: given.ramp,
        weights: given.weights.clone(),
    };
    session.open_workspace()?;
    let printer = session.printer();
    let progress = Progress::new(printer);
    let told = |progressed: LoadProgressed| progress.show(&progressed);
    let cancel = CancellationToken::new();
    let running = load(session.app(), &request, &told, &cancel);
    tokio::pin!(running);
    let result = tokio::select! {
        result = &mut running => result,
        () = interrupted() => {
            // Answers on their way are awaited for a moment; what was measured is shown.
            cancel.cancel();
            running.await
        }
    };
    progress.clear();
    let result = result?;
    printer.answer(&result, &result.text);
    Ok(if result.succeeded == 0 { Verdict::DidNotHold } else { Verdict::Held })
}

/// A bar on a terminal, lines elsewhere, nothing with `--json`.
enum Progress {
    Bar(ProgressBar),
    Lines { printer: Printer, last: Mutex<Instant> },
}

impl Progress {
    fn new(printer: Printer) -> Self {
        if printer.is_json() || !std::io::stderr().is_terminal() {
            return Self::Lines { printer, last: Mutex::new(Instant::now()) };
        }
        let bar = ProgressBar::with_draw_target(Some(PARTS), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}") {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    fn show(&self, progressed: &LoadProgressed) {
        let text = words(progressed);
        match self {
            Self::Bar(bar) => {
                bar.set_position(part(progressed));
                bar.set_message(text);
            }
            Self::Lines { printer, last } => {
                let Ok(mut last) = last.lock() else { return };
                if last.elapsed() >= BETWEEN_LINES {
                    *last = Instant::now();
                    printer.say(&text);
                }
            }
        }
    }

    fn clear(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn words(progressed: &LoadProgressed) -> String {
    let LoadProgressed { ended, failed, total, per_second, remaining_seconds, .. } = progressed;
    let of = total.map_or(String::new(), |total| format!(" of {total}"));
    let remaining = remaining_seconds.map_or(String::new(), |seconds| format!(", {} left", time(seconds)));
    format!("{ended}{of} deliveries, {per_second:.0}/s, {failed} failed{remaining}")
}

/// `1 h 2 min`, `3 min 4 s`, `5 s`.
fn time(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a day")]
    let seconds = seconds.ceil() as u64;
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// How much of the run is over: by deliveries where their number is known and all of them are to be made, else by time.
fn part(progressed: &LoadProgressed) -> u64 {
    let remaining = progressed.remaining_seconds.unwrap_or_default();
    let by_time = progressed.elapsed_seconds / (progressed.elapsed_seconds + remaining).max(f64::MIN_POSITIVE);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "parts of a bar"
    )]
    match progressed.total {
        Some(total) => progressed.ended * PARTS / total.max(1),
        None => (by_time * PARTS as f64) as u64,
    }
}
