//! Writes webhooks down: one at a time, and as many as wait in one commit, because a commit to the disk takes about as long
//! for many as for one.

use super::delivery::{self, Delivery};
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
            while let Ok(first) = tasks.recv() {
                let more = tasks.try_iter().take(TOGETHER - 1);
                work(&open, &tell, std::iter::once(first).chain(more).collect());
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

fn work(open: &OpenWorkspace, tell: &dyn Fn(News<'_>), tasks: Vec<Task>) {
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
    let together = begin(open, &arrived);
    for (trace, told) in arrived.iter().zip(waiting) {
        let stored = match &together {
            Ok(()) => Ok(()),
            // What one of them cannot have is not for the others to bear.
            Err(_) => begin(open, std::slice::from_ref(trace)),
        };
        let is_stored = stored.is_ok();
        // A sender that went away meanwhile has its webhook stored all the same.
        let _ = told.send(stored);
        if is_stored {
            tell(News::Received(trace));
        }
    }
    let answered = match complete(open, reports) {
        Ok(answered) => answered,
        Err(error) => return tracing::error!(error = explained(&error), "answers of webhooks are not recorded"),
    };
    answered.iter().for_each(|trace| tell(News::Answered(trace)));
}

fn begin(open: &OpenWorkspace, arrived: &[Trace]) -> Result<(), WireError> {
    if arrived.is_empty() { Ok(()) } else { Ok(open.history()?.begin_all(arrived)?) }
}

fn complete(open: &OpenWorkspace, reports: Vec<Report>) -> Result<Vec<Trace>, WireError> {
    if reports.is_empty() {
        return Ok(Vec::new());
    }
    let history = open.history()?;
    let mut answered = Vec::new();
    for report in reports {
        // Purged in between, or its contents had to give way: then there is nothing to complete.
        if let Some(Kept::Whole(mut trace)) = history.show(&report.id)? {
            delivery::complete(&mut trace, &report);
            answered.push(*trace);
        }
    }
    history.append_all(&answered)?;
    Ok(answered)
}
