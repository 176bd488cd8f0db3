//! Config files for the runtime, in Cap'n Proto text. They hold no secrets: code and secret values travel over sockets.

use crate::config::RuntimeLimits;
use crate::error::PlatformError;
use patchbay_core::{Environment, Module, ModuleKind};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Date of the runtime's behaviour for our own modules.
pub(super) const COMPATIBILITY_DATE: &str = "2026-06-01";
/// Slots of the dispatcher: tenants whose processes can run at once.
pub(crate) const SLOTS: usize = 256;

/// Names under which the dispatcher finds a namespace.
pub(crate) struct NamespaceEntry<'a> {
    pub(crate) binding: &'a str,
    pub(crate) namespace: &'a str,
}

/// Everything the dispatcher's process is made of.
pub(crate) struct DispatcherConfig<'a> {
    pub(crate) mark: &'a str,
    pub(crate) environment: Environment,
    /// Each has a dispatcher of its own, on the socket of its name.
    pub(crate) other_environments: &'a [Environment],
    pub(crate) namespaces: Vec<NamespaceEntry<'a>>,
    pub(crate) dispatcher: &'a [Module],
    pub(crate) explain: Option<&'a [Module]>,
    pub(crate) limits: &'a RuntimeLimits,
    pub(crate) parent_socket: &'a Path,
    /// Where webhooks are stored before they are dispatched; nothing is stored without it.
    pub(crate) inbox_socket: Option<&'a Path>,
    pub(crate) slot_socket: &'a dyn Fn(usize) -> PathBuf,
}

const CACHE: &str = r#"(name = "CACHE", memoryCache = (id = "platform", limits = (maxKeys = 200000, maxValueSize = 1048576, maxTotalValueSize = 134217728)))"#;
/// `AsyncLocalStorage`, by which the namespace bindings know which webhook they send on.
const KNOWS_ITS_REQUEST: &str = r#""nodejs_als""#;
/// No adapter and no module of ours reaches the network through the runtime.
const NO_NETWORK: &str = r#"(name = "internet", network = (allow = []))"#;

impl DispatcherConfig<'_> {
    /// Writes the config and its modules into a folder.
    pub(crate) fn write(&self, folder: &Path) -> Result<PathBuf, PlatformError> {
        write(folder, "namespace.js", include_bytes!("../runtime_js/namespace.js"))?;
        write(folder, "routing.js", include_bytes!("../runtime_js/routing.js"))?;
        write(folder, "control.js", include_bytes!("../runtime_js/control.js"))?;
        let mut services = String::new();
        write(folder, "inbox.js", include_bytes!("../runtime_js/inbox.js"))?;
        let bindings = self.bindings(self.environment);
        let dispatcher = self.dispatcher_modules(folder)?;
        service(&mut services, "dispatcher", &dispatcher, KNOWS_ITS_REQUEST, &bindings);
        let mut control = format!(r#"{CACHE}, (name = "PARENT", service = "parent")"#);
        let mut controls = 0..;
        let mut controlled = |name: &str| {
            let number = controls.next().unwrap_or_default();
            let _ = write!(
                control,
                r#", (name = "DISPATCHER_{number}", service = (name = "{name}", entrypoint = "PatchbayControl"))"#
            );
        };
        controlled("dispatcher");
        let mut other_sockets = String::new();
        for environment in self.other_environments {
            let name = format!("dispatcher-{environment}");
            service(&mut services, &name, &dispatcher, KNOWS_ITS_REQUEST, &self.bindings(*environment));
            controlled(&name);
            let _ = write!(other_sockets, r#", (name = "{environment}", http = (), service = "{name}")"#);
        }
        if let Some(explain) = self.explain {
            service(&mut services, "explain", &modules(folder, "explain", explain)?, "", &self.names());
        }
        // Without this flag the cache can be read only.
        let own = r#"(name = "control.js", esModule = embed "control.js")"#;
        service(&mut services, "control", own, r#""memory_cache_delete""#, &control);
        external(&mut services, "parent", self.parent_socket, self.mark);
        if let Some(socket) = self.inbox_socket {
            external(&mut services, "inbox", socket, self.mark);
        }
        for slot in 0..SLOTS {
            external(&mut services, &format!("slot-{slot}"), &(self.slot_socket)(slot), self.mark);
        }
        let explain = match self.explain {
            Some(_) => r#", (name = "explain", http = (), service = "explain")"#,
            None => "",
        };
        let sockets = format!(
            r#"(name = "ingress", http = (), service = "dispatcher"), (name = "control", http = (), service = "control"){explain}{other_sockets}"#
        );
        let extensions = r#"(modules = [
      (name = "patchbay:namespace", internal = true, esModule = embed "namespace.js"),
      (name = "patchbay:slots", internal = true, esModule = "export default (env) => env;"),
      (name = "patchbay:routing", internal = true, esModule = embed "routing.js") ])"#;
        // Once and not for each namespace: the runtime reads text so slowly that it could be seen in every start.
        let slots: Vec<String> =
            (0..SLOTS).map(|slot| format!(r#"(name = "{slot}", service = "slot-{slot}")"#)).collect();
        let slots = format!("const slots :List(Workerd.Worker.Binding) = [{}];\n", slots.join(", "));
        let text = config_text(&services, &sockets, extensions, &[COLLECTS]) + &slots;
        write(folder, "config.capnp", text.as_bytes())
    }

    /// Bindings of the explanation: it sends nothing on, so that of each namespace the name is enough, and it can
    /// answer for every environment.
    fn names(&self) -> String {
        let mut bindings = routing(self.environment, false);
        for NamespaceEntry { binding, namespace } in &self.namespaces {
            let _ = write!(bindings, ", (name = {}, text = {})", quoted(binding), quoted(namespace));
        }
        bindings
    }

    /// The dispatcher's modules behind our own main module.
    fn dispatcher_modules(&self, folder: &Path) -> Result<String, PlatformError> {
        let own = modules(folder, "dispatcher", self.dispatcher)?;
        let entry = self.dispatcher.first().map_or("", |module| module.name.as_str());
        let main = include_str!("../runtime_js/dispatcher.js").replace("OPERATORS_MODULE", &format!("./{entry}"));
        write(folder, "main.js", main.as_bytes())?;
        Ok(format!(
            r#"(name = "__patchbay_dispatcher.js", esModule = embed "main.js"), (name = "__patchbay_inbox.js", esModule = embed "inbox.js"), {own}"#
        ))
    }

    fn bindings(&self, environment: Environment) -> String {
        let limits = quoted(&self.limits.of_a_request().to_string());
        let mut bindings = routing(environment, true);
        if self.inbox_socket.is_some() {
            bindings.push_str(r#", (name = "PATCHBAY_INBOX", service = "inbox")"#);
        }
        let mut has_namespace = false;
        let is_of = |binding: &str, environment: &Environment| binding.starts_with(environment.binding_name());
        let others: Vec<&Environment> = self.other_environments.iter().filter(|other| **other != environment).collect();
        for NamespaceEntry { binding, namespace } in &self.namespaces {
            let is_anothers = others.iter().any(|other| is_of(binding, other));
            let is_mine = environment == self.environment || is_of(binding, &environment);
            if is_anothers || !is_mine {
                continue;
            }
            if !has_namespace {
                has_namespace = true;
                let _ = write!(bindings, r#", (name = "PATCHBAY_NAMESPACE", text = {})"#, quoted(binding));
            }
            let _ = write!(
                bindings,
                r#",
        (name = {}, wrapped = (moduleName = "patchbay:namespace", innerBindings = [(name = "PARENT", service = "parent"),
          (name = "LIMITS", json = {limits}), (name = "NAMESPACE", text = {}), (name = "MARK", text = {})"#,
                quoted(binding),
                quoted(namespace),
                quoted(self.mark)
            );
            bindings.push_str(
                r#", (name = "SLOTS", wrapped = (moduleName = "patchbay:slots", innerBindings = .slots))]))"#,
            );
        }
        bindings
    }
}

/// What a dispatcher decides by. One that is told of changes keeps what it has read.
fn routing(environment: Environment, keeps: bool) -> String {
    format!(
        r#"(name = "ENVIRONMENT", text = {}), (name = "ROUTING", wrapped = (moduleName = "patchbay:routing", innerBindings = [{CACHE}, (name = "PARENT", service = "parent"), (name = "KEEPS", json = "{keeps}")]))"#,
        quoted(environment.as_str())
    )
}

/// The process in which the scripts of a tenant share a loader.
pub(crate) struct TenantConfig<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) mark: &'a str,
    pub(crate) tenant: &'a str,
    pub(crate) parent_socket: &'a Path,
    pub(crate) upstream_socket: &'a Path,
    /// Memory that a script may use, in bytes.
    pub(crate) memory: u64,
}

/// Writes the config of a tenant's process into a folder.
pub(crate) fn write_tenant(config: &TenantConfig<'_>) -> Result<PathBuf, PlatformError> {
    let TenantConfig { folder, mark, tenant, parent_socket, upstream_socket, memory } = config;
    write(folder, "router.js", include_bytes!("../runtime_js/router.js"))?;
    write(folder, "first.js", include_bytes!("../runtime_js/first.js"))?;
    write(folder, "caches.js", include_bytes!("../runtime_js/caches.js"))?;
    for (name, source) in [
        ("shared_process.js", &include_bytes!("../runtime_js/shared_process.js")[..]),
        ("caching.js", include_bytes!("../runtime_js/caching.js")),
        ("ringing.js", include_bytes!("../runtime_js/ringing.js")),
        ("requests.js", include_bytes!("../runtime_js/requests.js")),
        ("assets.js", include_bytes!("../runtime_js/assets.js")),
        ("decoded.js", include_bytes!("../runtime_js/decoded.js")),
        ("scripts.js", include_bytes!("../runtime_js/loaded.js")),
        ("words.js", include_bytes!("../runtime_js/words.js")),
    ] {
        write(folder, name, source)?;
    }
    let mut services = String::new();
    let bindings = format!(
        r#"(name = "LOADER", workerLoader = ()), (name = "PARENT", service = "parent"), (name = "UPSTREAM", service = "upstream"), (name = "MARK", text = {}), (name = "TENANT", text = {})"#,
        quoted(mark),
        quoted(tenant)
    );
    let own = [
        "shared_process.js",
        "caching.js",
        "ringing.js",
        "router.js",
        "requests.js",
        "assets.js",
        "decoded.js",
        "scripts.js",
        "words.js",
    ]
    .map(|name| format!(r#"(name = "{name}", esModule = embed "{name}")"#))
    .join(", ");
    let own =
        own + r#", (name = "first.txt", text = embed "first.js"), (name = "caches.txt", text = embed "caches.js")"#;
    service(&mut services, "router", &own, r#""experimental""#, &bindings);
    external(&mut services, "parent", parent_socket, mark);
    external(&mut services, "upstream", upstream_socket, mark);
    let sockets = format!(
        r#"(name = "router", http = (style = proxy, cfBlobHeader = {}), service = "router"),
    (name = "state", http = (), service = (name = "router", entrypoint = "State"))"#,
        quoted(&format!("{mark}-cf"))
    );
    write_config(folder, &services, &sockets, "", &[COLLECTS, &heap_flag(*memory)])
}

/// Ends the process when the heap of an isolate is full. What scripts keep outside of their heaps is watched.
pub(super) fn heap_flag(memory: u64) -> String {
    format!("--max-old-space-size={}", memory >> 20)
}

/// Each request leaves some kilobytes that only a full collection frees, and the engine begins with those when the old
/// generation of the heap has grown to its initial size, in megabytes. By itself that is so much that a process under
/// load grows by hundreds of megabytes first: <https://github.com/cloudflare/workerd/issues/6824>.
pub(super) const COLLECTS: &str = "--initial-old-space-size=4";

/// Writes the config of the validator's process into a folder.
pub(crate) fn write_validator(folder: &Path) -> Result<PathBuf, PlatformError> {
    write(folder, "probe.js", include_bytes!("../runtime_js/probe.js"))?;
    let mut services = String::new();
    let own = r#"(name = "probe.js", esModule = embed "probe.js")"#;
    service(&mut services, "probe", own, r#""experimental""#, r#"(name = "LOADER", workerLoader = ())"#);
    write_config(folder, &services, r#"(name = "probe", http = (), service = "probe")"#, "", &[COLLECTS])
}

pub(super) fn service(services: &mut String, name: &str, modules: &str, flags: &str, bindings: &str) {
    let _ = write!(
        services,
        r#"
    (name = "{name}", worker = (compatibilityDate = "{COMPATIBILITY_DATE}", compatibilityFlags = [{flags}],
      modules = [{modules}],
      bindings = [{bindings}])),"#
    );
}

/// Absolute URLs cross the socket whole (`style = proxy`), so `https:` stays `https:`.
pub(super) fn external(services: &mut String, name: &str, socket: &Path, mark: &str) {
    let _ = write!(
        services,
        r#"
    (name = "{name}", external = (address = {}, http = (style = proxy, cfBlobHeader = {}))),"#,
        quoted(&format!("unix:{}", socket.display())),
        quoted(&format!("{mark}-cf"))
    );
}

pub(super) fn write_config(
    folder: &Path,
    services: &str,
    sockets: &str,
    extensions: &str,
    engine_flags: &[&str],
) -> Result<PathBuf, PlatformError> {
    write(folder, "config.capnp", config_text(services, sockets, extensions, engine_flags).as_bytes())
}

/// A whole config.
pub(super) fn config_text(services: &str, sockets: &str, extensions: &str, engine_flags: &[&str]) -> String {
    let engine_flags: Vec<String> = engine_flags.iter().map(|flag| quoted(flag)).collect();
    let engine_flags = engine_flags.join(", ");
    format!(
        r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [{services}
    {NO_NETWORK} ],
  sockets = [ {sockets} ],
  extensions = [ {extensions} ],
  v8Flags = [ {engine_flags} ],
);
"#
    )
}

/// JSON for a header: letters beyond ASCII are escaped.
pub(crate) fn header_json(value: &serde_json::Value) -> String {
    let mut text = String::new();
    for character in value.to_string().chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// Writes modules beside the config, the main one first as the runtime wants it.
fn modules(folder: &Path, worker: &'static str, modules: &[Module]) -> Result<String, PlatformError> {
    let mut entries = Vec::new();
    for (number, module) in modules.iter().enumerate() {
        let kind = match module.kind {
            ModuleKind::EsModule => "esModule",
            ModuleKind::CommonJs => "commonJsModule",
            ModuleKind::Text => "text",
            ModuleKind::Data => "data",
            ModuleKind::Wasm => "wasm",
            ModuleKind::Json => "json",
            ModuleKind::SourceMap => continue,
        };
        let file = format!("{worker}-{number}");
        write(folder, &file, &module.content)?;
        entries.push(format!("(name = {}, {kind} = embed {})", quoted(&module.name), quoted(&file)));
    }
    if entries.is_empty() {
        return Err(PlatformError::WorkerWithoutModule { worker });
    }
    Ok(entries.join(", "))
}

pub(super) fn write(folder: &Path, name: &str, content: &[u8]) -> Result<PathBuf, PlatformError> {
    let path = folder.join(name);
    std::fs::create_dir_all(folder).map_err(|source| PlatformError::file("create", folder, source))?;
    std::fs::write(&path, content).map_err(|source| PlatformError::file("write", &path, source))?;
    Ok(path)
}

/// A Cap'n Proto text literal. The grammar is C's; bytes outside ASCII are written as they are.
pub(super) fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            character if character.is_ascii_control() => {
                let _ = write!(literal, "\\x{:02x}", u32::from(character));
            }
            character => literal.push(character),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn literals_cannot_be_left() {
        assert_eq!(quoted("a\"b\\c\nd\u{1}größe"), "\"a\\\"b\\\\c\\nd\\x01größe\"");
    }
}
