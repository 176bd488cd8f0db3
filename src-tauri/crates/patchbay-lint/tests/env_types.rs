//! What the real TypeScript compiler says of code that uses the generated types of `env`.

use patchbay_core::AdapterManifest;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Code that uses `env` as it should be used.
const GOOD: &str = "export default {
  async fetch(request, env) {
    const event = JSON.parse(await request.text());
    console.log('TOKEN is', env.TOKEN ? 'set' : 'missing', event.text);
    if (!env.TOKEN) throw new Error('TOKEN is not set');
    const headers = { authorization: `Bearer ${String(env.TOKEN)}` };
    const answer = await fetch('https://api.example.com/', { method: 'POST', headers });
    const bytes: Uint8Array = new TextEncoder().encode(String(env.SIGNING_SECRET ?? ''));
    await env.STORE.put(env.CHANNEL, String(bytes.length));
    const limit: number = env.LIMITS.daily + (env.LIMITS['per hour'][0] ?? 0);
    const free: number = env.ANYTHING.deep.down;
    return { ok: answer.ok, channel: env.CHANNEL, region: env.REGION ?? null, limit, free, mapped: Object.keys(env.MAPPING) };
  },
} satisfies Adapter;
";

/// What is wrong, by the compiler's number for it.
const BAD: &[(&str, &str)] = &[
    ("console.log(`token ${env.TOKEN}`);", "TS2731"),
    ("throw new Error(`refused ${env.TOKEN}`);", "TS2731"),
    ("await fetch(`https://api.example.com/?key=${env.TOKEN}`);", "TS2731"),
    ("await fetch('https://api.example.com/?key=' + env.TOKEN);", "TS2469"),
    ("new URL('https://api.example.com/').searchParams.set('key', env.TOKEN);", "TS2345"),
    ("if (request.url) return new Response(env.TOKEN);", "TS2345"),
    ("if (request.url) return { token: env.TOKEN };", "TS2322"),
    ("if (request.url) return { env };", "TS2322"),
    ("const text: string = env.TOKEN; text.trim();", "TS2322"),
    ("env.TOKEN = env.TOKEN;", "TS2540"),
    ("await fetch(env.REGION);", "TS2345"),
    ("env.CHANEL;", "TS2551"),
    ("env.STORE.putt('a', 'b');", "TS2551"),
    ("env.LIMITS.weekly;", "TS2339"),
];

fn manifest() -> AdapterManifest {
    serde_json::from_value(json!({
        "compatibility_date": "2026-11-01",
        "bindings": [
            { "name": "TOKEN", "kind": "secret_text", "description": "Ends */ early\nand has two lines" },
            { "name": "SIGNING_SECRET", "kind": "secret_text", "required": false },
            { "name": "CHANNEL", "kind": "plain_text", "required": false, "value": "C1" },
            { "name": "REGION", "kind": "plain_text", "required": false },
            { "name": "LIMITS", "kind": "json", "value": { "daily": 5, "per hour": [1, 2], "\"quoted\"": null } },
            { "name": "ANYTHING", "kind": "json" },
            { "name": "STORE", "kind": "kv_namespace" },
        ],
        "mapping": { "Title": "{event.text}" },
    }))
    .expect("the manifest is valid")
}

fn node_modules() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../node_modules");
    folder.canonicalize().expect("the packages of the templates are installed; run `npm ci`")
}

#[test]
fn the_compiler_refuses_secrets_where_they_do_not_belong() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("env-types-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the folder can be made");
    let workers = node_modules().join("@cloudflare/workers-types/index.d.ts");
    let mut files = vec![workers.display().to_string(), "env.d.ts".to_owned(), "good.ts".to_owned()];
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("the file can be written");
    write("env.d.ts", &patchbay_lint::env_types(&manifest()));
    write("good.ts", GOOD);
    for (index, (statement, _)) in BAD.iter().enumerate() {
        let name = format!("bad{index}.ts");
        write(
            &name,
            &format!(
                "export default {{ async fetch(request, env) {{ {statement} return {{}}; }} }} satisfies Adapter;\n"
            ),
        );
        files.push(name);
    }
    let options = json!({
        "compilerOptions": {
            "target": "es2024", "lib": ["es2024"], "types": [], "module": "esnext", "moduleResolution": "bundler",
            "noEmit": true, "strict": true, "noUncheckedIndexedAccess": true,
        },
        "files": files,
    });
    write("tsconfig.json", &options.to_string());
    let compiler = node_modules().join("typescript/bin/tsc");
    let output = Command::new("node").arg(compiler).args(["-p", "."]).current_dir(&folder).output();
    let output = output.expect("node runs");
    let said = String::from_utf8(output.stdout).expect("it is text");
    fs::remove_dir_all(&folder).expect("the folder can be removed");

    let found: BTreeSet<(&str, &str)> = said
        .lines()
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| Some((line.split_once('(')?.0, line.split_once("error ")?.1.split(':').next()?)))
        .collect();
    let names: Vec<String> = (0..BAD.len()).map(|index| format!("bad{index}.ts")).collect();
    let expected: BTreeSet<(&str, &str)> =
        names.iter().zip(BAD).map(|(name, (_, number))| (name.as_str(), *number)).collect();
    assert_eq!(found, expected, "{said}");
}
