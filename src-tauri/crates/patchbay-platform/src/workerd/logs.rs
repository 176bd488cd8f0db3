//! What a runtime process writes to its standard error.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Lines kept for an error message.
const KEPT: usize = 30;
/// Longer lines are cut.
const LONGEST: usize = 500;
/// What the last words of a process hold in which a script filled the heap that V8 allows it.
const FULL_HEAP: &str = "JavaScript heap out of memory";

/// What a process has said, in all its starts, about the turns of its event loop.
#[derive(Clone, Default)]
pub(crate) struct Beats {
    turns: Arc<AtomicU64>,
    unanswered: Arc<AtomicU64>,
    loading: Arc<AtomicBool>,
}

impl Beats {
    /// Grows each time that a turn was over.
    pub(crate) fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    /// Requests that had no answer at the last beat.
    pub(crate) fn unanswered(&self) -> u64 {
        self.unanswered.load(Ordering::Relaxed)
    }

    /// Whether an isolate was about to start at the last beat.
    pub(crate) fn loading(&self) -> bool {
        self.loading.load(Ordering::Relaxed)
    }

    /// Reads what follows the begin of a beat.
    fn hear(&self, said: &str) {
        let mut words = said.split_whitespace();
        let unanswered = words.next().and_then(|number| number.parse().ok()).unwrap_or(0);
        self.unanswered.store(unanswered, Ordering::Relaxed);
        self.loading.store(words.next() == Some("loading"), Ordering::Relaxed);
        self.turns.fetch_add(1, Ordering::Relaxed);
    }
}

/// The last lines a process wrote before it was ready. Later output belongs to the adapters and may hold secrets, so
/// it is read (a full pipe would block the process) and forgotten; adapters are observed through tails.
#[derive(Clone, Default)]
pub(crate) struct StartLog {
    lines: Arc<Mutex<Option<VecDeque<String>>>>,
    full_heap: Arc<AtomicBool>,
}

impl StartLog {
    /// Reads a process's standard error to its end, in the background.
    ///
    /// The dispatcher's later lines go to the program's log: it is the operator's own code. A line that begins with
    /// `beat` is no more than that.
    pub(crate) fn follow(
        role: &'static str,
        beat: Option<String>,
        beats: Beats,
        stderr: impl AsyncRead + Unpin + Send + 'static,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let log = Self { lines: Arc::new(Mutex::new(Some(VecDeque::new()))), full_heap: Arc::default() };
        let written = log.clone();
        let reader = tokio::spawn(async move {
            let mut lines = BufReader::new(stderr).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                let line = String::from_utf8_lossy(&line);
                if let Some(said) = beat.as_ref().and_then(|beat| line.strip_prefix(beat.as_str())) {
                    beats.hear(said);
                    continue;
                }
                if line.contains(FULL_HEAP) {
                    written.full_heap.store(true, Ordering::Relaxed);
                }
                if !written.push(&line) && role == "dispatcher" {
                    tracing::info!(role, "{line}");
                }
            }
        });
        (log, reader)
    }

    /// Keeps a line, or says that it keeps none any more.
    fn push(&self, line: &str) -> bool {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(lines) = lines.as_mut() else { return false };
        // Addresses of stack frames tell a person nothing.
        if !line.starts_with("stack: ") {
            lines.push_back(line.chars().take(LONGEST).collect());
        }
        if lines.len() > KEPT {
            lines.pop_front();
        }
        true
    }

    /// Forgets what was read and keeps nothing more.
    pub(crate) fn stop_keeping(&self) {
        *self.lines.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether the runtime said that it ends because a heap is full.
    pub(crate) fn tells_of_full_heap(&self) -> bool {
        self.full_heap.load(Ordering::Relaxed)
    }

    /// What was kept, as one text.
    pub(crate) fn text(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().flatten().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}
