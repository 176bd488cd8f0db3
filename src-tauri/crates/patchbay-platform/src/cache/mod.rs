//! What scripts keep with the Cache API. Only in memory, and within bounds: a cache may forget at any time.
//!
//! A script of an untrusted namespace has caches of its own; the scripts of a trusted one share theirs, and the default
//! one is open to them only: <https://developers.cloudflare.com/cloudflare-for-platforms/workers-for-platforms/reference/worker-isolation/>.

mod answer;
mod freshness;
pub(crate) mod service;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tokio::sync::Semaphore;

/// Bytes of one answer at most, of all of an owner, and of all together.
pub(crate) const LARGEST: usize = 16 << 20;
const MOST_OF_ONE: usize = 32 << 20;
const MOST_OF_ALL: usize = 128 << 20;
/// Answers that are received at once.
const MOST_RECEIVED: usize = 8;
/// What an answer takes beside its bytes.
const OVERHEAD: usize = 512;

/// Whose caches: a script, or a trusted namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Owner(String);

impl Owner {
    pub(crate) fn script(namespace: &str, script: &str) -> Self {
        Self(format!("{namespace}/{script}"))
    }

    pub(crate) fn namespace(namespace: &str) -> Self {
        Self(namespace.to_owned())
    }
}

/// Where an answer is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) owner: Owner,
    /// The name given to `caches.open`; none for the default one.
    pub(crate) cache: Option<String>,
    pub(crate) url: String,
}

/// Status and headers of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
}

impl Head {
    fn get(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
    }
}

/// An answer that is kept.
#[derive(Debug, Clone)]
struct Kept {
    head: Head,
    body: Bytes,
    since: SystemTime,
    until: SystemTime,
    /// Grows with each use.
    used: u64,
}

impl Kept {
    fn size(&self, place: &Place) -> usize {
        let headers: usize = self.head.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        OVERHEAD + place.url.len() + headers + self.body.len()
    }
}

/// All caches.
pub(crate) struct Caches {
    kept: Mutex<Answers>,
    /// The right to receive an answer: each may take its whole size meanwhile.
    receiving: Semaphore,
}

impl Default for Caches {
    fn default() -> Self {
        Self { kept: Mutex::default(), receiving: Semaphore::new(MOST_RECEIVED) }
    }
}

#[derive(Default)]
struct Answers {
    by_place: HashMap<Place, Kept>,
    /// Use → place: the least recently used one is first.
    by_use: BTreeMap<u64, Place>,
    sizes: HashMap<Owner, usize>,
    size: usize,
    uses: u64,
}

impl Caches {
    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an answer for as long as its headers allow. Answers whether it is kept.
    fn put(&self, place: Place, head: Head, body: Bytes, now: SystemTime) -> bool {
        let mut answers = self.answers();
        // What is not kept replaces what was, too.
        answers.remove(&place);
        let Some((head, until)) = freshness::storable(head, &place.url, now) else { return false };
        answers.insert(place, Kept { head, body, since: now, until, used: 0 }, MOST_OF_ONE, MOST_OF_ALL)
    }

    fn get(&self, place: &Place, now: SystemTime) -> Option<Kept> {
        let mut answers = self.answers();
        if answers.by_place.get(place)?.until <= now {
            answers.remove(place);
            return None;
        }
        answers.uses += 1;
        let newest = answers.uses;
        let kept = answers.by_place.get_mut(place)?;
        let before = std::mem::replace(&mut kept.used, newest);
        let found = kept.clone();
        answers.by_use.remove(&before);
        answers.by_use.insert(newest, place.clone());
        Some(found)
    }

    /// Forgets an answer. Answers whether there was one that could still be used.
    fn delete(&self, place: &Place, now: SystemTime) -> bool {
        self.answers().remove(place).is_some_and(|kept| kept.until > now)
    }

    /// Forgets everything that somebody kept.
    pub(crate) fn forget(&self, owner: &Owner) {
        let mut answers = self.answers();
        let places: Vec<Place> = answers.by_place.keys().filter(|place| place.owner == *owner).cloned().collect();
        for place in places {
            answers.remove(&place);
        }
    }
}

impl Answers {
    fn insert(&mut self, place: Place, mut kept: Kept, most_of_one: usize, most_of_all: usize) -> bool {
        let size = kept.size(&place);
        if size > most_of_one {
            return false;
        }
        while self.sizes.get(&place.owner).copied().unwrap_or_default() + size > most_of_one {
            // Its own give way, and nobody else's.
            let oldest = self.by_use.values().find(|other| other.owner == place.owner).cloned();
            let Some(oldest) = oldest else { break };
            self.remove(&oldest);
        }
        while self.size + size > most_of_all {
            let Some(oldest) = self.by_use.values().next().cloned() else { break };
            self.remove(&oldest);
        }
        self.uses += 1;
        kept.used = self.uses;
        self.size += size;
        *self.sizes.entry(place.owner.clone()).or_default() += size;
        self.by_use.insert(self.uses, place.clone());
        self.by_place.insert(place, kept);
        true
    }

    fn remove(&mut self, place: &Place) -> Option<Kept> {
        let kept = self.by_place.remove(place)?;
        self.by_use.remove(&kept.used);
        let size = kept.size(place);
        self.size -= size;
        if let Some(owned) = self.sizes.get_mut(&place.owner) {
            *owned -= size;
            if *owned == 0 {
                self.sizes.remove(&place.owner);
            }
        }
        Some(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::{Answers, Caches, Head, Kept, Owner, Place};
    use bytes::Bytes;
    use std::time::{Duration, SystemTime};

    fn place(owner: &str, url: &str) -> Place {
        Place { owner: Owner(owner.into()), cache: None, url: url.into() }
    }

    fn head(cache_control: &str) -> Head {
        Head { status: 200, headers: vec![("cache-control".into(), cache_control.into())] }
    }

    #[test]
    fn an_answer_is_there_until_it_expires() {
        let (caches, now) = (Caches::default(), SystemTime::now());
        let at = |seconds| now + Duration::from_secs(seconds);
        assert!(caches.put(place("a", "https://x/"), head("max-age=10"), Bytes::from_static(b"one"), now));
        assert!(caches.get(&place("b", "https://x/"), now).is_none(), "another script does not see it");
        assert_eq!(
            caches.get(&place("a", "https://x/"), at(9)).map(|kept| kept.body),
            Some(Bytes::from_static(b"one"))
        );
        assert!(caches.get(&place("a", "https://x/"), at(10)).is_none());
        assert!(!caches.delete(&place("a", "https://x/"), at(10)));
        let answers = caches.answers();
        assert_eq!((answers.size, answers.by_use.len()), (0, 0), "nothing is left of it");
    }

    #[test]
    fn what_somebody_kept_is_forgotten_and_nobody_elses() {
        let (caches, now) = (Caches::default(), SystemTime::now());
        for (owner, url) in [("a", "https://x/"), ("a", "https://y/"), ("b", "https://x/")] {
            assert!(caches.put(place(owner, url), head("max-age=10"), Bytes::new(), now));
        }
        caches.forget(&Owner("a".into()));
        let answers = caches.answers();
        assert_eq!((answers.by_place.len(), answers.by_use.len(), answers.sizes.len()), (1, 1, 1));
        assert!(answers.by_place.contains_key(&place("b", "https://x/")));
    }

    #[test]
    fn what_may_not_be_kept_takes_the_old_answer_along() {
        let (caches, now) = (Caches::default(), SystemTime::now());
        assert!(caches.put(place("a", "https://x/"), head("max-age=10"), Bytes::new(), now));
        assert!(!caches.put(place("a", "https://x/"), head("no-store"), Bytes::new(), now));
        assert!(caches.get(&place("a", "https://x/"), now).is_none());
    }

    #[test]
    fn the_least_recently_used_give_way_first_those_of_the_same_owner() {
        let now = SystemTime::now();
        let kept = |bytes: usize| Kept {
            head: Head { status: 200, headers: Vec::new() },
            body: vec![0; bytes].into(),
            since: now,
            until: now + Duration::from_mins(1),
            used: 0,
        };
        let mut answers = Answers::default();
        let mut insert = |owner: &str, url: &str, bytes| answers.insert(place(owner, url), kept(bytes), 25_000, 40_000);
        assert!(insert("other", "1", 10_000) && insert("greedy", "1", 10_000) && insert("greedy", "2", 10_000));
        assert!(insert("greedy", "3", 10_000), "takes the place of its own oldest");
        assert!(!insert("greedy", "large", 30_000));
        let there = |answers: &Answers, owner: &str, url: &str| answers.by_place.contains_key(&place(owner, url));
        assert!(there(&answers, "other", "1") && !there(&answers, "greedy", "1") && there(&answers, "greedy", "3"));
        for owner in ["a", "b", "c"] {
            answers.insert(place(owner, "1"), kept(10_000), 25_000, 40_000);
        }
        assert!(answers.size <= 40_000 && !there(&answers, "other", "1"), "{}", answers.size);
        assert_eq!(answers.sizes.values().sum::<usize>(), answers.size);
    }
}
