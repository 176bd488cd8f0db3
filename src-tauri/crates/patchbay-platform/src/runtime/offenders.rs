//! Scripts that went over a limit lately. Each gets a process of its own for a while.

use super::Runtime;
use super::placement::{Key, Occupant, ScriptName};
use super::pool::Member;
use crate::workerd::ending::Ending;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a script stays apart after it went over a limit.
const APART: Duration = Duration::from_mins(10);
/// Scripts that stay apart at once; the one that offended longest ago returns first.
const MOST: usize = 64;

/// When each offended last.
#[derive(Default)]
pub(crate) struct Offenders(Mutex<HashMap<ScriptName, Instant>>);

impl Offenders {
    fn add(&self, script: &ScriptName) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, offended| offended.elapsed() < APART);
        if known.len() >= MOST
            && let Some(oldest) = known.iter().min_by_key(|(_, offended)| **offended).map(|(script, _)| script.clone())
        {
            known.remove(&oldest);
        }
        known.insert(script.clone(), Instant::now());
    }

    /// The process for a script that needs nothing but the loader.
    pub(crate) fn place(&self, owner: &str, script: ScriptName) -> Key {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_apart = known.get(&script).is_some_and(|offended| offended.elapsed() < APART);
        let occupant = if is_apart { Occupant::Apart(script) } else { Occupant::Shared };
        Key { owner: owner.into(), occupant }
    }
}

/// What a request dies of when its process ends.
pub(crate) fn words(ending: Ending) -> &'static str {
    // The dispatcher knows Cloudflare's words for limits.
    match ending {
        Ending::Cpu => "Worker exceeded CPU time limit.",
        Ending::Memory => "Worker exceeded memory limit.",
        Ending::Crashed | Ending::Hung | Ending::Retired => "The process of the Worker ended unexpectedly.",
    }
}

impl Runtime {
    /// A request was in a process that ended. When a limit was the reason, its script may have been the one that went
    /// over it: from now on it runs apart from the owner's others.
    pub(crate) async fn note_offence(&self, member: &Member, script: ScriptName, ending: Ending) {
        if !matches!(ending, Ending::Cpu | Ending::Memory) || member.key.occupant != Occupant::Shared {
            return;
        }
        self.offenders.add(&script);
        let place = (script.namespace.to_string(), script.script.to_string());
        if let Err(error) = self.forget(&[place], &[]).await {
            tracing::warn!(%error, "a script that went over its limit stays where it is");
        }
    }

    /// How the process ended in which a request was that never got its answer, if it has ended.
    pub(crate) async fn ending_of(&self, process: u64, since_ms: f64, script: ScriptName) -> Option<&'static str> {
        let member: Arc<Member> = self.pool.with_serial(process)?;
        // The end of a connection is felt before the end of the process is known.
        let ending = member.process.ending_since(since_ms, Duration::from_millis(500)).await?;
        self.note_offence(&member, script, ending).await;
        Some(words(ending))
    }
}
