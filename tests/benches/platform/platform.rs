//! The embedded platform as the others see it: `patchbay start`, its API, its dispatcher.

use super::contenders::{ADAPTER, ANSWER, BODY};
use super::machine::{Machine, RunningPatchbay, http, workerd_children_of};
use serde_json::json;
use std::path::PathBuf;

pub struct Platform {
    machine: Machine,
}

/// A script by its owner.
pub struct Deployed {
    tenant: String,
    adapter: String,
}

impl Deployed {
    pub fn of(tenant: &str, adapter: &str) -> Self {
        Self { tenant: tenant.into(), adapter: adapter.into() }
    }

    /// One of many, ten to a tenant.
    pub fn numbered(number: u32) -> Self {
        Self { tenant: format!("tenant{}", number / 10), adapter: format!("adapter{}", number % 10) }
    }

    pub fn headers(&self) -> [(&str, &str); 3] {
        [("content-type", "application/json"), ("x-customer-id", &self.tenant), ("x-script-id", &self.adapter)]
    }

    pub fn script(&self) -> String {
        format!("{}-{}", self.tenant, self.adapter)
    }
}

impl Platform {
    pub fn new() -> Self {
        let machine = Machine::new();
        machine.run(&["tenant", "add", "bench", "--region", "eu"]).success();
        Self { machine }
    }

    pub fn state_folder(&self) -> PathBuf {
        self.machine.workspace().join(".patchbay/platform")
    }

    /// Without the inbox: the others store nothing either.
    pub fn start(&mut self) -> Running {
        self.start_as(&["--no-inbox"])
    }

    /// As people start it: what arrives is stored first.
    pub fn start_with_inbox(&mut self) -> Running {
        self.start_as(&[])
    }

    fn start_as(&mut self, arguments: &[&str]) -> Running {
        let running = self.machine.start_as(arguments, &[]);
        let text = |name: &str| running.ready[name].as_str().expect("the ready line is whole").to_owned();
        let token = std::fs::read_to_string(text("token_file")).expect("the token can be read");
        let base = format!("{}/accounts/{}/workers/dispatch/namespaces", text("api_url"), text("account_id"));
        let mut running = Running { program: running, token, base, namespace: String::new() };
        let namespaces = running.call("GET", "", &[], b"");
        // The tenant's region is `eu`, and tenants without settings are served by the first region.
        let names = namespaces["result"].as_array().expect("a list").iter();
        let found = names
            .filter_map(|namespace| namespace["namespace_name"].as_str())
            .find(|name| name.contains("production") && name.ends_with("eu"))
            .unwrap_or_else(|| panic!("production has a namespace in eu: {namespaces}"));
        found.clone_into(&mut running.namespace);
        running
    }
}

pub struct Running {
    program: RunningPatchbay,
    token: String,
    base: String,
    pub namespace: String,
}

impl Running {
    pub fn dispatcher_url(&self) -> &str {
        self.program.dispatcher_url()
    }

    /// What `wrangler` needs to find it.
    pub fn environment(&self) -> [(&'static str, String); 3] {
        let text = |name: &str| self.program.ready[name].as_str().expect("the ready line is whole").to_owned();
        [
            ("CLOUDFLARE_API_BASE_URL", text("api_url")),
            ("CLOUDFLARE_ACCOUNT_ID", text("account_id")),
            ("CLOUDFLARE_API_TOKEN", self.token.clone()),
        ]
    }

    pub fn upload(&self, script: &Deployed) {
        self.upload_source(script, ADAPTER);
    }

    pub fn upload_source(&self, script: &Deployed, source: &str) {
        // The tag that a publish writes, so that the scripts of a tenant share a process.
        let tags = [format!("tenant:{}", script.tenant)];
        let metadata = json!({ "main_module": "adapter.js", "compatibility_date": "2026-06-01", "tags": tags });
        let body = format!(
            "--bench\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n\
             --bench\r\nContent-Disposition: form-data; name=\"adapter.js\"; filename=\"adapter.js\"\r\n\
             Content-Type: application/javascript+module\r\n\r\n{source}\r\n--bench--\r\n"
        );
        let path = format!("/{}/scripts/{}", self.namespace, script.script());
        let answer =
            self.call("PUT", &path, &[("content-type", "multipart/form-data; boundary=bench")], body.as_bytes());
        assert_eq!(answer["success"], true, "{answer}");
    }

    pub fn dispatch(&self, script: &Deployed) {
        let (status, body) = http("POST", self.dispatcher_url(), &script.headers(), BODY.as_bytes());
        assert_eq!((status, body.as_slice()), (200, ANSWER), "{}", String::from_utf8_lossy(&body));
    }

    /// Memory of all children, each shared page counted once in all (PSS).
    pub fn children_kib(&self) -> f64 {
        workerd_children_of(self.program.pid()).into_iter().map(proportional_kib).sum()
    }

    pub fn stop(self) {
        assert_eq!(self.program.interrupt(), 0, "it ends as Ctrl-C ends it");
    }

    fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> serde_json::Value {
        let bearer = format!("Bearer {}", self.token);
        let headers: Vec<_> = headers.iter().copied().chain([("authorization", bearer.as_str())]).collect();
        let (_, body) = http(method, &format!("{}{path}", self.base), &headers, body);
        serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&body)))
    }
}

fn proportional_kib(pid: u32) -> f64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").trim().parse().unwrap_or(0.0)
}
