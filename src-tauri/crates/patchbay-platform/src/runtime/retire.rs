//! How a process goes without a request being lost or run twice.
//!
//! First it gets nothing new: the dispatcher forgets the places that lead to its slot, and asks again. The dispatcher
//! counts the requests that it has sent to each slot and that have no answer yet, in the same turn in which it takes a
//! place, so once it says that there are none, none is on its way. Then the router module says that nothing goes on
//! behind answers (`waitUntil`, open sockets), and only then the process is asked to end, which finishes open streams.

use super::Runtime;
use super::pool::Member;
use crate::error::PlatformError;
use crate::workerd::socket::ask;
use http::Method;
use patchbay_core::observation::TailEvent;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Longest time that requests under way hold a process that is to go.
const LONGEST_REQUEST: Duration = Duration::from_mins(15);
/// Between two questions whether something is still under way.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long a process may take to say what is under way.
const STATE_PATIENCE: Duration = Duration::from_secs(5);
const FENCE_PATIENCE: Duration = Duration::from_secs(20);

/// What the router module of a process says.
#[derive(Debug, Deserialize)]
pub(crate) struct MemberState {
    /// Requests that have not come to their whole end.
    pub(crate) under_way: u64,
    /// Requests that have ever begun.
    pub(crate) begun: u64,
    /// Those under way, one by one.
    pub(crate) requests: Vec<UnderWay>,
    /// Isolates that were ever loaded, and the scripts that they belong to.
    pub(crate) isolates: u64,
    pub(crate) scripts: u64,
}

/// A request under way.
#[derive(Debug, Deserialize)]
pub(crate) struct UnderWay {
    pub(crate) id: u64,
}

#[derive(Deserialize)]
struct Fenced {
    under_way: u64,
}

impl Runtime {
    /// Lets a process go once it has finished what it has. New requests get another one from now on.
    pub(crate) fn retire(self: &Arc<Self>, member: &Arc<Member>) {
        if !self.pool.unlink(member) {
            return;
        }
        let (runtime, member, stop) = (Arc::clone(self), Arc::clone(member), self.stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => return,
                () = runtime.finished(&member) => {}
            }
            member.process.retire();
            member.process.ended().await;
            runtime.note_alarms_of(&member.key).await;
            runtime.pool.release(&member);
        });
    }

    /// Waits until nothing is under way to or in a process that gets nothing new.
    async fn finished(&self, member: &Member) {
        let since = Instant::now();
        let mut pause = PAUSE;
        while since.elapsed() < LONGEST_REQUEST {
            match self.under_way(member).await {
                Ok(false) => return,
                Ok(true) => {}
                Err(error) => tracing::debug!(%error, "a process that is to go does not say what it does"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        tracing::warn!(owner = %member.key.owner, "a process is ended although something is under way in it");
    }

    /// Whether something is under way to or in a process.
    async fn under_way(&self, member: &Member) -> Result<bool, PlatformError> {
        Ok(self.fence(member.slot).await? > 0 || member.is_awaited() || self.state_of(member).await?.under_way > 0)
    }

    /// Makes the dispatcher forget every place on a slot. Answers how many requests to it have no answer yet.
    async fn fence(&self, slot: usize) -> Result<u64, PlatformError> {
        let body: bytes::Bytes = json!({ "fence": slot }).to_string().into();
        let socket = self.folder().join("control");
        let (_, answer) = ask("dispatcher", &socket, Method::POST, "http://control/", body, FENCE_PATIENCE).await?;
        read("dispatcher", &answer).map(|Fenced { under_way }| under_way)
    }

    /// What the router module of a process says.
    pub(crate) async fn state_of(&self, member: &Member) -> Result<MemberState, PlatformError> {
        let body = serde_json::to_string(&self.observed.watching()).unwrap_or_default();
        let asked = ask("tenant", &member.state_socket, Method::POST, "http://state/", body.into(), STATE_PATIENCE);
        read("tenant", &asked.await?.1)
    }

    /// Every request that is served from now on. Processes hear first that somebody watches.
    pub(crate) async fn watch_requests(&self) -> tokio::sync::broadcast::Receiver<Arc<TailEvent>> {
        let tails = self.observed.tails();
        // Whoever starts after this asks with its first request.
        let told = self.pool.all().into_iter().map(|member| async move {
            if let Err(error) = self.state_of(&member).await {
                tracing::debug!(%error, "a process could not be told that somebody watches");
            }
        });
        futures_util::future::join_all(told).await;
        tails
    }
}

fn read<T: serde::de::DeserializeOwned>(role: &'static str, answer: &[u8]) -> Result<T, PlatformError> {
    serde_json::from_slice(answer)
        .map_err(|_| PlatformError::RuntimeLost { role, detail: String::from_utf8_lossy(answer).into_owned() })
}
