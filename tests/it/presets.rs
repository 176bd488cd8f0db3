//! The three systems that the dispatcher was made for, each as a route table of the catalogue: over the real program,
//! with scripts that were published through the API.

mod bring_your_own;
mod choosing;
mod code24;
mod dotdo;

use crate::machine::{Machine, RunningPatchbay, http_answer};
use serde_json::{Value, json};

/// A running platform whose workspace was made by choosing a preset.
pub struct Preset {
    pub machine: Machine,
    pub running: RunningPatchbay,
}

/// One answer of a dispatcher.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }
}

impl Preset {
    pub fn chosen(name: &str) -> Self {
        let machine = Machine::new();
        machine.run(&["route", "preset", name]).success();
        let running = machine.start();
        Self { machine, running }
    }

    /// Uploads a script of one module as any client of the API does.
    pub fn publish(&self, namespace: &str, script: &str, source: &str, bindings: &Value, tags: &[&str]) {
        let metadata = json!({
            "main_module": "index.js",
            "compatibility_date": "2026-06-01",
            "bindings": bindings,
            "tags": tags,
        });
        let boundary = "patchbay-test-boundary";
        let body = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"metadata\"\r\nContent-Type: application/json\r\n\r\n{metadata}\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\nContent-Type: application/javascript+module\r\n\r\n{source}\r\n\
             --{boundary}--\r\n"
        );
        let (api, account) = (self.fact("api_url"), self.fact("account_id"));
        let url = format!("{api}/accounts/{account}/workers/dispatch/namespaces/{namespace}/scripts/{script}");
        let token = std::fs::read_to_string(self.fact("token_file")).expect("the token file is readable");
        let headers = [
            ("Authorization", format!("Bearer {}", token.trim())),
            ("Content-Type", format!("multipart/form-data; boundary={boundary}")),
        ];
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, _, answer) = http_answer("PUT", &url, &headers, body.as_bytes());
        assert_eq!(status, 200, "{script} goes up: {}", String::from_utf8_lossy(&answer));
    }

    pub fn fact(&self, name: &str) -> &str {
        self.running.ready[name]
            .as_str()
            .unwrap_or_else(|| panic!("the ready line has `{name}`: {}", self.running.ready))
    }

    /// Asks the dispatcher that `patchbay start` names first.
    pub fn get(&self, host: &str, path: &str) -> Answer {
        Self::ask("GET", self.running.dispatcher_url(), path, &[("Host", host)], b"")
    }

    pub fn ask(method: &str, dispatcher: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let (status, headers, body) = http_answer(method, &format!("{dispatcher}{path}"), headers, body);
        Answer { status, headers, body: String::from_utf8(body).expect("UTF-8") }
    }
}

/// A module that answers with its name and what reached it.
pub fn echo(name: &str) -> String {
    format!(
        "export default {{ async fetch(request) {{\n\
           return Response.json({{ service: {name:?}, method: request.method, url: request.url, body: await request.text() }});\n\
         }} }};"
    )
}
