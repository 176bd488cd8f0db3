//! A planted secret is looked for everywhere a program could have left it.

use crate::machine::Machine;
use patchbay_testkit::workspace::files_containing;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// The value and the forms in which it could travel.
fn forms(canary: &str) -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD;
    let mut forms = vec![
        canary.as_bytes().to_vec(),
        canary.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes(),
    ];
    // The middle of the base64 text, for each place the value can have in it.
    for shift in 0..3 {
        let encoded = base64.encode(format!("{}{canary}", "x".repeat(shift)));
        forms.push(encoded.as_bytes()[4..encoded.len() - 4].to_vec());
    }
    forms
}

const LEAKING: &str = "export default {
  async fetch(request: Request, env: Record<string, string>): Promise<object> {
    await request.text();
    const held = Object.keys(env).map((name) => env[name]).filter((value) => typeof value === 'string');
    console.log('held', held, { nested: held });
    const leak = encodeURIComponent(held.join(' '));
    const answer = await fetch('https://api.notion.com/v1/pages?leak=' + leak, {
      method: 'POST',
      headers: { authorization: 'Basic ' + btoa('user:' + held.join(':')) },
      body: JSON.stringify({ leak: held }),
    });
    return { status: answer.status, leak: held, base64: held.map((value) => btoa(value)) };
  },
};
";

/// Ends the watching thread also when an assertion fails, or it would keep the test from ending.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn no_secret_value_is_in_any_file_output_or_process_list() {
    let token = format!("ntn_{}", "canary7q".repeat(6));
    let signing = "canary-signing-5d1f0b7ac2";
    let machine = Machine::with_adapter();
    let seen_in_ps = Mutex::new(BTreeSet::new());
    let done = AtomicBool::new(false);
    let mut outputs = String::new();

    std::thread::scope(|scope| {
        let _ends = Ends(&done);
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for entry in std::fs::read_dir("/proc").expect("/proc is there").flatten() {
                    let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
                    if [token.as_str(), signing]
                        .iter()
                        .any(|value| line.windows(value.len()).any(|window| window == value.as_bytes()))
                    {
                        seen_in_ps.lock().expect("not poisoned").insert(String::from_utf8_lossy(&line).into_owned());
                    }
                }
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        });
        // An adapter that leaks on purpose: to its log, an answer, an upstream's URL, headers and body. It finds the
        // values without naming them, which is what lint cannot see.
        let adapter = machine.workspace().join("tenants/customer-a/adapters/notes");
        std::fs::write(adapter.join("src/adapter.ts"), LEAKING).expect("writable");
        let mut keep = |result: patchbay_testkit::CommandResult| {
            outputs.push_str(&result.stdout);
            outputs.push_str(&result.stderr);
            result
        };
        keep(
            machine
                .patchbay(&["secret", "set", "customer-a/notes", "NOTION_TOKEN", "--json"])
                .stdin(token.as_str())
                .run(),
        )
        .success();
        keep(machine.patchbay(&["secret", "set", "customer-a/notes", "SLACK_SIGNING_SECRET"]).stdin(signing).run())
            .success();
        keep(machine.patchbay(&["secret", "list", "customer-a/notes", "--json"]).run()).success();
        keep(machine.patchbay(&["lint", "customer-a/notes"]).run());
        keep(machine.patchbay(&["publish", "customer-a/notes", "--json"]).env("PATCHBAY_LOG", "trace").run()).success();
        keep(machine.patchbay(&["replay", "customer-a/notes", "--all", "--json"]).env("PATCHBAY_LOG", "trace").run());
        keep(machine.patchbay(&["replay", "customer-a/notes", "--sample", "message"]).run());
        keep(machine.patchbay(&["deliveries", "list", "--json"]).run()).success();
        keep(machine.patchbay(&["versions", "customer-a/notes", "--json"]).run()).success();
        let running = machine.start();
        drop(running);
    });

    let traces = machine.json(&["deliveries", "list"]);
    assert!(!traces.as_array().expect("a list").is_empty(), "the leaking adapter was really replayed");
    assert!(outputs.contains("<redacted:NOTION_TOKEN>"), "the trace shows that something stood there");
    assert!(seen_in_ps.into_inner().expect("not poisoned").is_empty(), "no process shows a value in its arguments");
    for value in [token.as_str(), signing] {
        for form in forms(value) {
            let shown = String::from_utf8_lossy(&form).into_owned();
            assert!(!outputs.contains(&shown), "an output contains {shown}");
            let mut files: Vec<PathBuf> = files_containing(machine.home(), &form);
            files.extend(files_containing(&machine.data_folder(), &form));
            assert!(files.is_empty(), "these files contain {shown}: {files:?}");
        }
    }
}
