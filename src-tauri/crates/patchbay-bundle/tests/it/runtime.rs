//! The main module, run as the runtime would run it.

use crate::folder::AdapterFolder;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

/// Bundles the adapter, runs `script` beside it with `worker` being the main module, and gives what it printed.
fn run(adapter: &str, script: &str) -> String {
    let bundle = AdapterFolder::new(&[("src/adapter.ts", adapter)]).bundle();
    let folder = TempDir::new().expect("a temporary folder can be made");
    for module in &bundle.modules {
        fs::write(folder.path().join(&module.name), &module.content).expect("the module can be written");
    }
    fs::write(folder.path().join("package.json"), r#"{"type":"module"}"#).expect("the file can be written");
    let script = format!("import * as worker from './index.js';\n{script}\n");
    fs::write(folder.path().join("run.js"), script).expect("the script can be written");
    let output = Command::new("node")
        .arg("run.js")
        .current_dir(folder.path())
        .output()
        .expect("Node.js 20 or newer must be installed; `make setup` does it");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    // Line endings and the folder's place do not matter.
    text.replace(&format!("file://{}/", folder.path().display()), "").trim_end().to_owned()
}

const ANSWER: &str = "const answer = await worker.default.fetch(new Request('https://example.com/'), { NAME: 'x' }, {});\nconsole.log(answer.status, answer.headers.get('content-type'), await answer.text());";

#[test]
fn a_plain_object_becomes_json() {
    for adapter in [
        "export default { async fetch(request, env) { return { name: env.NAME }; } };",
        "export default { fetch(request, env) { return { name: env.NAME }; } };",
        "export default { prefix: 'x', fetch() { return { name: this.prefix }; } };",
        "export default class { fetch() { return { name: this.name() }; } name() { return 'x'; } };",
        "class Adapter { #name = 'x'; async fetch() { return Object.assign(Object.create(null), { name: this.#name }); } }\nexport default new Adapter();",
    ] {
        let script = if adapter.contains("default class") {
            ANSWER.replace("worker.default", "(new worker.default())")
        } else {
            ANSWER.into()
        };
        assert_eq!(run(adapter, &script), "200 application/json {\"name\":\"x\"}", "{adapter}");
    }
    assert_eq!(run("export default { fetch: () => [1, 2] };", ANSWER), "200 application/json [1,2]");
}

#[test]
fn a_response_passes_untouched() {
    let adapter = "export const answer = new Response('made', { status: 201, headers: { 'content-type': 'text/x' } });\nexport default { fetch: async () => answer };";
    let script = format!("console.log((await worker.default.fetch()) === worker.answer);\n{ANSWER}");
    assert_eq!(run(adapter, &script), "true\n201 text/x made");
}

#[test]
fn anything_else_is_an_error_that_says_what_to_return() {
    for (value, described) in [
        ("undefined", "undefined"),
        ("null", "null"),
        ("'text'", "a string"),
        ("1", "a number"),
        ("new Map()", "a Map"),
        ("new Date(0)", "a Date"),
    ] {
        let script = "await worker.default.fetch().catch((error) => console.log(error.name, error.message));";
        let printed = run(&format!("export default {{ fetch: () => {value} }};"), script);
        assert_eq!(
            printed,
            format!(
                "TypeError The adapter's fetch() returned {described}. It must return a Response, a plain object or an array."
            )
        );
    }
    let printed = run("export const fetch = 1;", "");
    assert!(
        printed.contains("TypeError: The adapter's default export is undefined. Write: export default { async fetch"),
        "{printed}"
    );
}

#[test]
fn other_handlers_and_exports_pass_through() {
    let adapter = "export class Room {}\nexport default { count: 2, fetch: () => ({}), scheduled(controller, env) { return [this.count, controller, env]; } };";
    let script = "console.log(worker.Room.name, typeof worker.default.queue, JSON.stringify(worker.default.scheduled('c', 'e')));";
    assert_eq!(run(adapter, script), "Room undefined [2,\"c\",\"e\"]");
}

#[test]
fn an_exception_leads_to_the_authors_line() {
    let adapter = "interface Event { text: string }\n\nfunction parse(text: string): Event {\n  return JSON.parse(text) as Event;\n}\n\nexport default {\n  async fetch(request: Request) {\n    const event = parse(\"{}\");\n    return { title: event.text.trim() };\n  },\n};\n";
    let bundle = AdapterFolder::new(&[("src/adapter.ts", adapter)]).bundle();
    let stack = run(adapter, "await worker.default.fetch().catch((error) => console.log(error.stack));");
    let mapped = bundle.source_map.rewrite_stack(&stack);
    let mut lines = mapped.lines();
    assert_eq!(lines.next(), Some("TypeError: Cannot read properties of undefined (reading 'trim')"));
    assert_eq!(lines.next(), Some("    at Object.fetch (src/adapter.ts:10:27)"), "{mapped}");
    assert!(!mapped.contains("index.js"), "{mapped}");
}
