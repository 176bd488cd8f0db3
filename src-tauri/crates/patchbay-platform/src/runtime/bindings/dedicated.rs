//! The process of one version of a script that has native bindings.

use super::{Native, entrypoints, gate, is_native, native, objects};
use crate::error::PlatformError;
use crate::r2::Buckets;
use crate::runtime::Runtime;
use crate::runtime::code::{VersionFacts, script};
use crate::runtime::parent::serve;
use crate::runtime::placement::{Key, Occupant, ScriptName};
use crate::runtime::pool::{Berth, MemberPlan};
use crate::runtime::service_worker::is_service_worker;
use crate::runtime::tenants::listen;
use crate::store::details::DurableClass;
use crate::store::{Change, StoreError};
use crate::workerd::dedicated::DedicatedConfig;
use crate::workerd::process::ConfigSource;
use patchbay_cloudflare::wire::binding::Binding;
use rustix::fs::{MemfdFlags, memfd_create};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use tokio_util::sync::CancellationToken;

/// A version as its process needs it. It holds secrets, and lives only while the process is put together.
pub(crate) struct DedicatedScript {
    version: String,
    code: Value,
    bindings: Vec<(String, Native)>,
    classes: Vec<DurableClass>,
    /// Classes of other scripts, by the names of the bindings.
    foreign: HashMap<String, DurableClass>,
    objects: PathBuf,
}

impl Runtime {
    /// Every bucket of the account, opened when a script first needs one.
    fn buckets(&self) -> Result<Arc<Buckets>, PlatformError> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(buckets) = &*buckets {
            return Ok(Arc::clone(buckets));
        }
        let opened = Buckets::open(&self.state_dir.join("r2"))?;
        Ok(Arc::clone(buckets.insert(opened)))
    }

    /// Reads the version that a dedicated key or that of a draft with native bindings names; nothing for another key.
    pub(crate) async fn dedicated_script(&self, key: &Key) -> Result<Option<DedicatedScript>, PlatformError> {
        if let Occupant::Draft { draft, native: true, .. } = &key.occupant {
            return self.draft_script(draft).await.map(Some);
        }
        let Occupant::Dedicated { script: name, version, .. } = &key.occupant else { return Ok(None) };
        let (name, id) = (name.clone(), version.to_string());
        let read = move |change: &Change<'_>| {
            let (Some(found), Some(tag)) = (change.version(&id)?, change.script_tag(&name.namespace, &name.script)?)
            else {
                return Ok(None);
            };
            let facts = VersionFacts { id: &found.id, created_on: &found.created_on };
            let modules = change.modules(&id)?;
            let mut code = script(&found.entry, &modules, &found.bindings, &found.details, &facts);
            code["listens"] = is_service_worker(&found.entry, &modules).into();
            let natives = found.bindings.iter().filter(|binding| is_native(&binding.kind));
            let (bindings, foreign) = native_bindings(change, &name, natives)?;
            Ok(Some((tag, found.id, code, bindings, foreign, found.details.durable_classes)))
        };
        let found = self.store.change(read).await?;
        // It was deleted since it was looked up.
        let (tag, version, code, bindings, foreign, classes) = found.ok_or(PlatformError::TaskEnded)?;
        let objects = self.objects_of(&tag);
        Ok(Some(DedicatedScript { version, code, bindings, classes, foreign, objects }))
    }

    /// The same for a draft. It has no Durable Objects of its own, so nothing is kept for it.
    async fn draft_script(&self, id: &str) -> Result<DedicatedScript, PlatformError> {
        // Whoever loaded it has gone since.
        let draft = self.drafts.get(id).ok_or(PlatformError::TaskEnded)?;
        let (code, version) = (draft.code(), draft.id.to_string());
        let (bindings, foreign) = self
            .store
            .change(move |change| {
                let natives = draft.bindings().iter().filter(|binding| is_native(&binding.kind));
                native_bindings(change, &draft.script, natives)
            })
            .await?;
        let objects = self.folder().join("no-objects");
        Ok(DedicatedScript { version, code, bindings, classes: Vec::new(), foreign, objects })
    }

    /// How to run it.
    pub(crate) fn dedicated_plan(
        self: &Arc<Self>,
        owner: &Arc<str>,
        name: &ScriptName,
        script: &DedicatedScript,
        berth: &Berth,
    ) -> Result<MemberPlan, PlatformError> {
        let DedicatedScript { version, code, bindings, classes, foreign, objects } = script;
        objects::prepare(objects, classes)?;
        let gate_socket = berth.folder.join("gate");
        let served = CancellationToken::new();
        let buckets_socket = berth.folder.join("buckets");
        let buckets: BTreeSet<String> = bindings.iter().filter_map(|(_, native)| bucket(native)).collect();
        if !buckets.is_empty() {
            let router = crate::r2::router(&self.buckets()?, buckets);
            serve(&served, &buckets_socket, listen(&buckets_socket)?, router)?;
        }
        let by_name = bindings.iter().cloned().collect();
        serve(&served, &gate_socket, listen(&gate_socket)?, gate::router(self, owner, name, by_name))?;
        let config = DedicatedConfig {
            mark: &self.mark,
            owner,
            caller: json!({ "namespace": name.namespace.as_ref(), "script": name.script.as_ref(), "version": version }),
            code,
            bindings,
            classes,
            foreign,
            objects,
            parent_socket: &berth.parent_socket,
            upstream_socket: &berth.upstream_socket,
            gate_socket: &gate_socket,
            buckets_socket: &buckets_socket,
            memory: self.limits.memory,
        };
        let memory = in_memory(config.text().as_bytes()).map_err(|source| PlatformError::RuntimeSpawn { source })?;
        let config = ConfigSource::Script { memory, calls: entrypoints::calls_socket(&berth.folder) };
        Ok(MemberPlan { config, sockets: Vec::new(), kept: Box::new(served.drop_guard()) })
    }
}

type NativeBindings = (Vec<(String, Native)>, HashMap<String, DurableClass>);

/// Native bindings by name, and the classes of other scripts that some of them mean.
fn native_bindings<'a>(
    change: &Change<'_>,
    name: &ScriptName,
    natives: impl Iterator<Item = &'a Binding>,
) -> Result<NativeBindings, StoreError> {
    let mut bindings = Vec::new();
    let mut foreign = HashMap::new();
    for binding in natives {
        let Some(native) = native(&name.script, binding)? else { continue };
        if let Native::ObjectsOf { script, class } = &native {
            let other = change.script(&name.namespace, script)?;
            let classes = other.map(|other| other.live.details.durable_classes).unwrap_or_default();
            let known = classes.into_iter().find(|known| known.class_name == *class);
            foreign.extend(known.map(|known| (binding.name.clone(), known)));
        }
        bindings.push((binding.name.clone(), native));
    }
    Ok((bindings, foreign))
}

fn bucket(native: &Native) -> Option<String> {
    match native {
        Native::Bucket(name) => Some(name.clone()),
        _ => None,
    }
}

/// Memory that a child can read as a file, and that has no name for others.
fn in_memory(text: &[u8]) -> std::io::Result<OwnedFd> {
    let mut file = File::from(memfd_create("patchbay-config", MemfdFlags::CLOEXEC)?);
    file.write_all(text)?;
    Ok(file.into())
}
