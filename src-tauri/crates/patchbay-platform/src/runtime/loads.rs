//! Load runs: many requests under one mark, none of which is recorded or stored.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use subtle::ConstantTimeEq;

/// How the mark of a load run begins, as the dispatcher's modules know it.
const PREFIX: &str = "load.";
/// A run does not take longer; who finds a mark afterwards has nothing.
const HOLDS: Duration = Duration::from_hours(12);

/// The load runs whose marks hold.
#[derive(Default)]
pub(crate) struct Loads {
    by_id: Mutex<HashMap<String, Load>>,
}

struct Load {
    proof: String,
    until: SystemTime,
}

impl Loads {
    /// A new run: its id, and its mark.
    pub(crate) fn register(&self) -> (String, String) {
        let id = uuid::Uuid::now_v7().to_string();
        let proof = hex::encode(rand::random::<[u8; 16]>());
        let mark = format!("{PREFIX}{id}.{proof}");
        let now = SystemTime::now();
        let mut loads = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        loads.retain(|_, load| load.until > now);
        loads.insert(id.clone(), Load { proof, until: now + HOLDS });
        (id, mark)
    }

    /// Until when a mark holds. Nothing for one that does not.
    pub(crate) fn until(&self, mark: &str) -> Option<SystemTime> {
        let (id, proof) = mark.strip_prefix(PREFIX)?.split_once('.')?;
        let loads = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let load = loads.get(id).filter(|load| load.until > SystemTime::now())?;
        bool::from(load.proof.as_bytes().ct_eq(proof.as_bytes())).then_some(load.until)
    }
}

#[cfg(test)]
mod tests {
    use super::{HOLDS, Loads};
    use std::time::SystemTime;

    #[test]
    fn a_mark_holds_for_many_requests_and_cannot_be_guessed() {
        let loads = Loads::default();
        let (id, mark) = loads.register();
        let now = SystemTime::now();
        for _ in 0..3 {
            assert!(loads.until(&mark).is_some_and(|until| until > now && until <= now + HOLDS));
        }
        let other = mark.replace(mark.chars().next_back().expect("text"), "x");
        for wrong in [id.as_str(), "", "load.", "load.a.b", &format!("load.{id}."), &other, &mark[5..]] {
            assert_eq!(loads.until(wrong), None, "{wrong} proves nothing");
        }
    }

    #[test]
    fn a_mark_expires() {
        let loads = Loads::default();
        let (id, mark) = loads.register();
        loads.by_id.lock().expect("not poisoned").get_mut(&id).expect("there").until = SystemTime::now();
        assert_eq!(loads.until(&mark), None);
        loads.register();
        assert_eq!(loads.by_id.lock().expect("not poisoned").len(), 1, "it takes no room any more");
    }
}
