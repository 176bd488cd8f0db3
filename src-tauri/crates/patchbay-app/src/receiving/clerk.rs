//! Writes webhooks down: one at a time, and as many as wait in one commit, because a commit to the disk takes about as long
//! for many as for one.

use super::delivery::{self, Delivery};
use super::pending::Pending;
use crate::app::OpenWorkspace;
use crate::wire::error::WireError;
use patchbay_platform::{NotStored, Report};
use patchbay_replay::{Kept, Trace};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Most that are written in one commit, so that nobody waits long for others.
const TOGETHER: usize = 256;
/// How long answers wait for others. No sender waits for them to be written, and each commit holds up those who do.
const COLLECTED: Duration = Duration::from_millis(50);

/// Something that happened to a webhook.
#[derive(Clone, Copy)]
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
        let mut books = Books { open, tell: Box::new(tell), pending: Pending::default(), reports: Vec::new() };
        std::thread::Builder::new().name("inbox".into()).spawn(move || books.keep(&tasks))?;
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

/// What the clerk's thread has before it.
struct Books {
    open: Arc<OpenWorkspace>,
    tell: Box<dyn Fn(News<'_>) + Send>,
    pending: Pending,
    /// Answers that are not written yet.
    reports: Vec<Report>,
}

impl Books {
    /// Works until the clerk is dropped.
    fn keep(&mut self, tasks: &mpsc::Receiver<Task>) {
        let mut due = Instant::now();
        loop {
            let first = if self.reports.is_empty() {
                tasks.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                tasks.recv_timeout(due.saturating_duration_since(Instant::now()))
            };
            let was_empty = self.reports.is_empty();
            match first {
                Ok(first) => self.store(std::iter::once(first).chain(tasks.try_iter().take(TOGETHER - 1))),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.complete(),
            }
            if was_empty {
                due = Instant::now() + COLLECTED;
            }
            if self.reports.len() >= TOGETHER || Instant::now() >= due {
                self.complete();
            }
        }
    }

    /// Writes what arrived, and puts the answers aside.
    fn store(&mut self, tasks: impl Iterator<Item = Task>) {
        let (mut arrived, mut waiting) = (Vec::new(), Vec::new());
        for task in tasks {
            match task {
                Task::Store(trace, told) => {
                    arrived.push(*trace);
                    waiting.push(told);
                }
                Task::Complete(report) => self.reports.push(report),
            }
        }
        let together = begin(&self.open, &arrived);
        for (trace, told) in arrived.into_iter().zip(waiting) {
            let stored = match &together {
                Ok(()) => Ok(()),
                // What one of them cannot have is not for the others to bear.
                Err(_) => begin(&self.open, std::slice::from_ref(&trace)),
            };
            let is_stored = stored.is_ok();
            // A sender that went away meanwhile has its webhook stored all the same.
            let _ = told.send(stored);
            if is_stored {
                (self.tell)(News::Received(&trace));
                self.pending.hold(trace);
            }
        }
    }

    /// Writes the answers that were put aside.
    fn complete(&mut self) {
        let reports = std::mem::take(&mut self.reports);
        let answered = answered(&self.open, &mut self.pending, &reports);
        match complete(&self.open, &answered) {
            Ok(()) => answered.iter().for_each(|trace| (self.tell)(News::Answered(trace))),
            Err(error) => tracing::error!(error = explained(&error), "answers of webhooks are not recorded"),
        }
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
