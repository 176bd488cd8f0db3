//! Writes webhooks down: one at a time, and as many as wait in one commit, because a commit to the disk takes about as long
//! for many as for one.

use super::delivery::{self, Delivery};
use super::pending::Pending;
use crate::app::OpenWorkspace;
use crate::wire::error::WireError;
use patchbay_platform::{NotStored, Report};
use patchbay_replay::{Kept, Trace};
use std::sync::Arc;
use std::sync::mpsc;
use tokio::sync::oneshot;

/// Most that are written in one commit, so that nobody waits long for others.
const TOGETHER: usize = 256;

/// Something that happened to a webhook.
pub(super) enum News<'a> {
    Received(&'a Trace),
    Answered(&'a Trace),
}

/// Whoever writes. Its thread ends when it is dropped and everything is written.
pub(super) struct Clerk {
    desk: mpsc::Sender<Task>,
}

enum Task {
    Store(Box<Trace>, oneshot::Sender<Result<(), WireError>>),
    Complete(Report),
}

impl Clerk {
    /// `tell` hears of everything that was written.
    pub(super) fn hire(open: Arc<OpenWorkspace>, tell: impl Fn(News<'_>) + Send + 'static) -> std::io::Result<Self> {
        let (desk, tasks) = mpsc::channel();
        std::thread::Builder::new().name("inbox".into()).spawn(move || {
            let mut pending = Pending::default();
            while let Ok(first) = tasks.recv() {
                let more = tasks.try_iter().take(TOGETHER - 1);
                work(&open, &mut pending, &tell, std::iter::once(first).chain(more).collect());
            }
        })?;
        Ok(Self { desk })
    }

    /// Returns the webhook's id when it is on the disk.
    pub(super) async fn store(&self, delivery: Delivery) -> Result<String, NotStored> {
        let id = delivery.0.id.clone();
        let (told, stored) = oneshot::channel();
        let gone = || NotStored("the inbox has been closed".into());
        self.desk.send(Task::Store(delivery.0, told)).map_err(|_| gone())?;
        match stored.await {
            Ok(Ok(())) => Ok(id),
            Ok(Err(error)) => Err(NotStored(explained(&error).into())),
            Err(_) => Err(gone()),
        }
    }

    /// Notes what became of webhooks.
    pub(super) fn complete(&self, reports: Vec<Report>) {
        for report in reports {
            // The platform is ending, and what is not answered is so recorded.
            let _ = self.desk.send(Task::Complete(report));
        }
    }
}

/// Message and causes in one line, for the log.
fn explained(error: &WireError) -> String {
    std::iter::once(&error.message).chain(&error.causes).map(String::as_str).collect::<Vec<_>>().join(": ")
}

fn work(open: &OpenWorkspace, pending: &mut Pending, tell: &dyn Fn(News<'_>), tasks: Vec<Task>) {
    let (mut arrived, mut waiting, mut reports) = (Vec::new(), Vec::new(), Vec::new());
    for task in tasks {
        match task {
            Task::Store(trace, told) => {
                arrived.push(*trace);
                waiting.push(told);
            }
            Task::Complete(report) => reports.push(report),
        }
    }
    // What was received in this turn has no answer in it.
    let answered = answered(open, pending, &reports);
    let together = begin(open, &arrived);
    for (trace, told) in arrived.into_iter().zip(waiting) {
        let stored = match &together {
            Ok(()) => Ok(()),
            // What one of them cannot have is not for the others to bear.
            Err(_) => begin(open, std::slice::from_ref(&trace)),
        };
        let is_stored = stored.is_ok();
        // A sender that went away meanwhile has its webhook stored all the same.
        let _ = told.send(stored);
        if is_stored {
            tell(News::Received(&trace));
            pending.hold(trace);
        }
    }
    // After those who wait.
    match complete(open, &answered) {
        Ok(()) => answered.iter().for_each(|trace| tell(News::Answered(trace))),
        Err(error) => tracing::error!(error = explained(&error), "answers of webhooks are not recorded"),
    }
}

fn begin(open: &OpenWorkspace, arrived: &[Trace]) -> Result<(), WireError> {
    if arrived.is_empty() { Ok(()) } else { Ok(open.history()?.begin_all(arrived)?) }
}

fn complete(open: &OpenWorkspace, answered: &[Trace]) -> Result<(), WireError> {
    if answered.is_empty() { Ok(()) } else { Ok(open.history()?.append_all(answered)?) }
}

/// The webhooks with their answers.
fn answered(open: &OpenWorkspace, pending: &mut Pending, reports: &[Report]) -> Vec<Trace> {
    let mut answered = Vec::new();
    for report in reports {
        let kept = match pending.take(&report.id) {
            Some(trace) => Ok(Some(trace)),
            None => read(open, &report.id),
        };
        match kept {
            Ok(Some(mut trace)) => {
                delivery::complete(&mut trace, report);
                answered.push(trace);
            }
            // Purged in between, or its contents had to give way: then there is nothing to complete.
            Ok(None) => {}
            Err(error) => {
                tracing::error!(delivery = report.id, error = explained(&error), "an answer is not recorded");
            }
        }
    }
    answered
}

fn read(open: &OpenWorkspace, id: &str) -> Result<Option<Trace>, WireError> {
    Ok(match open.history()?.show(id)? {
        Some(Kept::Whole(trace)) => Some(*trace),
        Some(Kept::Head(_)) | None => None,
    })
}
