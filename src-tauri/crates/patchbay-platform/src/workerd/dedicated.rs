//! Config of a process that runs one script with native bindings. Everything stands in one text, which is never
//! written to a file: it holds the script's secrets.

use super::config::{COLLECTS, COMPATIBILITY_DATE, config_text, external, header_json, heap_flag, quoted, service};
use crate::r2::BUCKET_HEADER;
use crate::runtime::bindings::{CryptoKey, Material, Native};
use crate::store::details::DurableClass;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::Path;

/// Copies of the script: two for ordinary requests, the others for recorded ones (see `dedicated.js`). Each takes
/// about 2 MB and 10 ms of the start.
const COPIES: usize = 5;
/// Another copy, in which the Durable Objects live: what calls out there is an object or its alarm, and no request.
/// `called.js` knows this name.
const OBJECTS: &str = "durable-objects";
/// The service with the classes that stand for those of other scripts.
const FOREIGN: &str = "foreign-objects";
/// How our modules reach other processes, and the services of their own.
const RUNTIMES: &str = r#"(name = "RUNTIMES", workerdDebugPort = void)"#;
/// The modules of ours that run beside the script, by the names under which they import each other.
const MODULES: [(&str, &str); 13] = [
    ("own_process.js", include_str!("../runtime_js/own_process.js")),
    ("ringing.js", include_str!("../runtime_js/ringing.js")),
    ("caching.js", include_str!("../runtime_js/caching.js")),
    ("called.js", include_str!("../runtime_js/called.js")),
    ("peer.js", include_str!("../runtime_js/peer.js")),
    ("reach.js", include_str!("../runtime_js/reach.js")),
    ("forwarding.js", include_str!("../runtime_js/forwarding.js")),
    ("router.js", include_str!("../runtime_js/router.js")),
    ("requests.js", include_str!("../runtime_js/requests.js")),
    ("assets.js", include_str!("../runtime_js/assets.js")),
    ("decoded.js", include_str!("../runtime_js/decoded.js")),
    ("scripts.js", include_str!("../runtime_js/dedicated.js")),
    ("words.js", include_str!("../runtime_js/words.js")),
];

/// The modules of a script's copies.
struct Modules {
    /// The modules' texts, which every copy refers to.
    constants: String,
    /// The main module of ours, which imports the script's.
    main: String,
    /// The same where the Durable Objects live, whose alarms are told of.
    objects: String,
    /// The others.
    script: String,
}

/// Everything such a process is made of.
pub(crate) struct DedicatedConfig<'a> {
    pub(crate) mark: &'a str,
    pub(crate) owner: &'a str,
    /// `{namespace, script, version}`.
    pub(crate) caller: Value,
    /// The script as the loader would take it (`runtime::code::script`).
    pub(crate) code: &'a Value,
    pub(crate) bindings: &'a [(String, Native)],
    pub(crate) classes: &'a [DurableClass],
    /// Classes of other scripts, by the names of the bindings.
    pub(crate) foreign: &'a HashMap<String, DurableClass>,
    /// Folder of the Durable Objects.
    pub(crate) objects: &'a Path,
    pub(crate) parent_socket: &'a Path,
    pub(crate) upstream_socket: &'a Path,
    pub(crate) gate_socket: &'a Path,
    pub(crate) buckets_socket: &'a Path,
    /// Memory that the script may use, in bytes.
    pub(crate) memory: u64,
}

impl DedicatedConfig<'_> {
    /// The whole config.
    pub(crate) fn text(&self) -> String {
        let mut services = String::new();
        self.router(&mut services);
        external(&mut services, "parent", self.parent_socket, self.mark);
        external(&mut services, "upstream", self.upstream_socket, self.mark);
        external(&mut services, "gate", self.gate_socket, self.mark);
        for (number, (name, native)) in self.bindings.iter().enumerate() {
            if matches!(native, Native::Kv(_) | Native::Database(_) | Native::Queue(_)) {
                self.gate_of(&mut services, number, name);
            }
            if let Native::Bucket(bucket) = native {
                self.bucket(&mut services, number, bucket);
            }
        }
        let objects = quoted(&self.objects.display().to_string());
        let _ = write!(services, "\n    (name = \"objects\", disk = (path = {objects}, writable = true)),");
        let Modules { constants, main, objects, script } = self.modules();
        let modules = format!("{main}, {script}");
        for copy in 0..COPIES {
            let props = json!({ "copy": copy });
            self.copy(&mut services, &format!("copy-{copy}"), &props, &modules);
        }
        if !self.classes.is_empty() {
            let modules = format!("{objects}, {script}");
            self.copy(&mut services, OBJECTS, &json!({ "objects": true }), &modules);
        }
        self.foreign_objects(&mut services);
        let header = quoted(&format!("{}-cf", self.mark));
        let sockets = format!(
            r#"(name = "router", http = (style = proxy, cfBlobHeader = {header}), service = "router"),
    (name = "state", http = (), service = (name = "router", entrypoint = "State"))"#
        );
        let peers = quoted(include_str!("../runtime_js/peers.js"));
        let extensions = format!(r#"(modules = [(name = "patchbay:peers", internal = true, esModule = {peers})])"#);
        constants + &config_text(&services, &sockets, &extensions, &[COLLECTS, &heap_flag(self.memory)])
    }

    fn router(&self, services: &mut String) {
        let modules = MODULES.map(|(name, source)| format!("(name = {}, esModule = {})", quoted(name), quoted(source)));
        let mut bindings = format!(
            r#"{RUNTIMES}, (name = "LOADER", workerLoader = ()), (name = "PARENT", service = "parent"), (name = "UPSTREAM", service = "upstream"), (name = "GATE", service = "gate"), (name = "MARK", text = {}), (name = "TENANT", text = {}), (name = "SCRIPT", json = {})"#,
            quoted(self.mark),
            quoted(self.owner),
            quoted(&json!({ "caller": self.caller, "copies": COPIES }).to_string()),
        );
        for copy in 0..COPIES {
            let _ = write!(bindings, r#", (name = "COPY_{copy}", service = "copy-{copy}")"#);
        }
        service(services, "router", &modules.join(", "), r#""experimental""#, &bindings);
    }

    /// The way to the gate of one binding. The header that says which binding it is replaces any that the script set.
    fn gate_of(&self, services: &mut String, number: usize, binding: &str) {
        let facts = header_json(&json!({ "patchbay": { "binding": binding } }));
        let _ = write!(
            services,
            r#"
    (name = "native-{number}", external = (address = {}, http = (style = proxy, injectRequestHeaders = [(name = {}, value = {})]))),"#,
            quoted(&format!("unix:{}", self.gate_socket.display())),
            quoted(&format!("{}-cf", self.mark)),
            quoted(&facts),
        );
    }

    /// The way to a bucket. The socket serves only those that the script's bindings name.
    fn bucket(&self, services: &mut String, number: usize, bucket: &str) {
        let _ = write!(
            services,
            r#"
    (name = "native-{number}", external = (address = {}, http = (injectRequestHeaders = [(name = "{BUCKET_HEADER}", value = {})]))),"#,
            quoted(&format!("unix:{}", self.buckets_socket.display())),
            quoted(bucket),
        );
    }

    /// The script's modules: constants that every copy refers to, and the list, with the main module of ours first, which imports
    /// the script's.
    fn modules(&self) -> Modules {
        let main = self.code["mainModule"].as_str().unwrap_or_default();
        let none = Map::new();
        let modules = self.code["modules"].as_object().unwrap_or(&none);
        let free = |name: &str| {
            let mut name = name.to_owned();
            while modules.contains_key(&name) {
                name.insert(0, '_');
            }
            name
        };
        let (first, caches) = (free("__patchbay_main.js"), free("__patchbay_caches.js"));
        let alarms = free("__patchbay_alarms.js");
        let (before, entry) = (json!(format!("./{caches}")), json!(format!("./{main}")));
        // One in service-worker syntax has listeners, and a default export would take their place.
        let exports = format!("import * as script from {entry}; export * from {entry}; export default script.default;");
        let rest = if self.code["listens"] == true { format!("import {entry};") } else { exports };
        // What is exported by name goes before what is exported by `*`.
        let mut told = format!("import {{ told }} from {};", json!(format!("./{alarms}")));
        for (number, class) in self.classes.iter().enumerate() {
            let name = json!(class.class_name);
            let _ = write!(told, " const class{number} = told(script[{name}]); export {{ class{number} as {name} }};");
        }
        let mut constants = format!(
            "const firstModule :Text = {};\nconst objectsModule :Text = {};\nconst cachesModule :Text = {};\nconst alarmsModule :Text = {};\n",
            quoted(&format!("import {before}; {rest}")),
            quoted(&format!("import {before}; {rest} {told}")),
            quoted(include_str!("../runtime_js/caches.js")),
            quoted(include_str!("../runtime_js/alarms.js")),
        );
        let main = format!("(name = {}, esModule = .firstModule)", quoted(&first));
        let objects = format!(
            "(name = {}, esModule = .objectsModule), (name = {}, esModule = .alarmsModule)",
            quoted(&first),
            quoted(&alarms)
        );
        let mut list = vec![format!("(name = {}, esModule = .cachesModule)", quoted(&caches))];
        for (number, (name, module)) in modules.iter().enumerate() {
            let Some((kind, content)) = module.as_object().and_then(|module| module.iter().next()) else { continue };
            let text = || content.as_str().unwrap_or_default();
            let (field, kind, literal) = match kind.as_str() {
                "js" => ("esModule", "Text", quoted(text())),
                "cjs" => ("commonJsModule", "Text", quoted(text())),
                "text" => ("text", "Text", quoted(text())),
                "json" => ("json", "Text", quoted(&content.to_string())),
                "wasm" => ("wasm", "Data", data(text())),
                _ => ("data", "Data", data(text())),
            };
            let _ = writeln!(constants, "const module{number} :{kind} = {literal};");
            list.push(format!("(name = {}, {field} = .module{number})", quoted(name)));
        }
        Modules { constants, main, objects, script: list.join(", ") }
    }

    fn copy(&self, services: &mut String, name: &str, props: &Value, modules: &str) {
        let text = |name: &str| quoted(self.code[name].as_str().unwrap_or_default());
        let flags = self.code["compatibilityFlags"].as_array().into_iter().flatten();
        let flags: Vec<_> = flags.filter_map(Value::as_str).map(quoted).collect();
        let quoted_props = quoted(&props.to_string());
        let _ = write!(
            services,
            r#"
    (name = "{name}", worker = (compatibilityDate = {}, compatibilityFlags = [{}],
      modules = [{modules}],{}
      bindings = [{}],
      globalOutbound = (name = "router", entrypoint = "Outbound", props = (json = {quoted_props})),
      tails = [(name = "router", entrypoint = "Tail", props = (json = {quoted_props}))])),"#,
            text("compatibilityDate"),
            flags.join(", "),
            if name == OBJECTS { self.classes() } else { String::new() },
            self.env(props),
        );
    }

    fn classes(&self) -> String {
        let classes = self.classes.iter().map(|DurableClass { class_name, namespace_id, sqlite }| {
            format!("(className = {}, uniqueKey = {}, enableSql = {sqlite})", quoted(class_name), quoted(namespace_id))
        });
        let classes: Vec<_> = classes.collect();
        format!(
            "\n      durableObjectNamespaces = [{}], durableObjectStorage = (localDisk = \"objects\"),",
            classes.join(", ")
        )
    }

    /// Classes whose objects hand everything on, under the keys of those that they stand for: so the ids are the same.
    /// Two bindings of one class share what stands for it.
    fn foreign_objects(&self, services: &mut String) {
        let classes: BTreeMap<&str, &str> =
            self.foreign.iter().map(|(binding, class)| (class.namespace_id.as_str(), binding.as_str())).collect();
        if classes.is_empty() {
            return;
        }
        let mut module = String::from("import { foreign } from \"./foreign_objects.js\"; export default {};");
        let mut namespaces = Vec::new();
        for (key, binding) in classes {
            let _ = write!(module, " export const {} = foreign({});", stand_in(key), json!(binding));
            namespaces.push(format!("(className = {}, uniqueKey = {})", quoted(&stand_in(key)), quoted(key)));
        }
        let modules = [
            ("classes.js", module.as_str()),
            ("foreign_objects.js", include_str!("../runtime_js/foreign_objects.js")),
            ("reach.js", include_str!("../runtime_js/reach.js")),
            ("forwarding.js", include_str!("../runtime_js/forwarding.js")),
        ];
        let modules = modules.map(|(name, source)| format!("(name = {}, esModule = {})", quoted(name), quoted(source)));
        let _ = write!(
            services,
            r#"
    (name = "{FOREIGN}", worker = (compatibilityDate = "{COMPATIBILITY_DATE}", compatibilityFlags = ["experimental"],
      modules = [{}],
      durableObjectNamespaces = [{}], durableObjectStorage = (inMemory = void),
      bindings = [{RUNTIMES}, (name = "GATE", service = "gate"), (name = "MARK", text = {})])),"#,
            modules.join(", "),
            namespaces.join(", "),
            quoted(self.mark),
        );
    }

    fn env(&self, props: &Value) -> String {
        let none = Map::new();
        let values = self.code["env"].as_object().unwrap_or(&none).iter();
        let mut bindings: Vec<String> = values
            .map(|(name, value)| format!("(name = {}, json = {})", quoted(name), quoted(&value.to_string())))
            .collect();
        if let Some(name) = self.code["assetsBinding"].as_str() {
            let props = quoted(&self.caller.to_string());
            bindings.push(format!(
                r#"(name = {}, service = (name = "router", entrypoint = "Assets", props = (json = {props})))"#,
                quoted(name)
            ));
        }
        for (number, (name, native)) in self.bindings.iter().enumerate() {
            let mut props = props.clone();
            props["binding"] = json!(name);
            if let Native::Script { entrypoint: Some(entrypoint), .. } = native {
                props["entrypoint"] = json!(entrypoint);
            }
            let props = quoted(&props.to_string());
            let router = |entrypoint: &str| {
                format!(r#"service = (name = "router", entrypoint = "{entrypoint}", props = (json = {props}))"#)
            };
            let value = match native {
                Native::Kv(_) => format!(r#"kvNamespace = "native-{number}""#),
                Native::Bucket(_) => format!(r#"r2Bucket = "native-{number}""#),
                Native::Queue(_) => format!(r#"queue = "native-{number}""#),
                Native::Database(_) => format!(
                    r#"wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = "native-{number}")])"#
                ),
                Native::Objects(class) => {
                    format!(r#"durableObjectNamespace = (className = {}, serviceName = "{OBJECTS}")"#, quoted(class))
                }
                Native::ObjectsOf { .. } => {
                    // One of a script that is gone has nothing to stand for.
                    let Some(class) = self.foreign.get(name) else { continue };
                    let class = quoted(&stand_in(&class.namespace_id));
                    format!(r#"durableObjectNamespace = (className = {class}, serviceName = "{FOREIGN}")"#)
                }
                Native::Script { .. } => router("Peer"),
                Native::Namespace(_) => format!(
                    r#"wrapped = (moduleName = "patchbay:peers", innerBindings = [(name = "PEER", {})])"#,
                    router("Peer")
                ),
                Native::Key(key) => format!("cryptoKey = ({})", crypto_key(key)),
            };
            bindings.push(format!("(name = {}, {value})", quoted(name)));
        }
        bindings.join(", ")
    }
}

/// Name of the class that stands for another script's.
fn stand_in(key: &str) -> String {
    format!("Class{key}")
}

fn crypto_key(key: &CryptoKey) -> String {
    let material = match &key.material {
        Material::Raw(base64) => format!("base64 = {}", quoted(base64)),
        Material::Pkcs8(pem) => format!("pkcs8 = {}", quoted(pem)),
        Material::Spki(pem) => format!("spki = {}", quoted(pem)),
        Material::Jwk(json) => format!("jwk = {}", quoted(json)),
    };
    let algorithm = match &key.algorithm {
        Value::String(name) => format!("name = {}", quoted(name)),
        object => format!("json = {}", quoted(&object.to_string())),
    };
    format!("{material}, algorithm = ({algorithm}), extractable = false, usages = [{}]", key.usages.join(", "))
}

/// A literal of bytes that stand in base64.
fn data(base64: &str) -> String {
    format!("0x\"{}\"", hex::encode(STANDARD.decode(base64).unwrap_or_default()))
}
