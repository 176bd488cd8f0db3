//! What comes out of folders that are right.

use crate::folder::{AdapterFolder, module};
use patchbay_core::ModuleKind;
use std::time::Instant;

const TWO_MODULES: &[(&str, &str)] = &[
    (
        "src/adapter.ts",
        "import { mapFields, type Fields } from \"./map\";\n\ninterface Env { TOKEN: string }\n\nexport default {\n  async fetch(request: Request, env: Env): Promise<Fields> {\n    const event = (await request.json()) as Fields;\n    return mapFields(event, env.TOKEN);\n  },\n};\n",
    ),
    (
        "src/map.ts",
        "export type Fields = Record<string, unknown>;\n\nexport function mapFields(event: Fields, token: string): Fields {\n  if (!token) {\n    throw new Error(\"no token\");\n  }\n  return { title: event.text };\n}\n",
    ),
];

#[test]
fn typescript_of_several_files_becomes_one_module() {
    let bundle = AdapterFolder::new(TWO_MODULES).bundle();
    let names: Vec<_> = bundle.modules.iter().map(|module| (module.name.as_str(), module.kind)).collect();
    assert_eq!(
        names,
        [
            ("index.js", ModuleKind::EsModule),
            ("adapter.js", ModuleKind::EsModule),
            ("adapter.js.map", ModuleKind::SourceMap)
        ]
    );
    assert_eq!(bundle.main_module, "index.js");
    assert_eq!(bundle.warnings, Vec::<String>::new());
    let code = module(&bundle, "adapter.js");
    assert!(!code.contains("interface") && !code.contains(": Fields"), "types should be gone: {code}");
    assert!(code.contains("function mapFields(event, token)"), "names should stay readable: {code}");
    assert!(bundle.gzip_size > 0 && bundle.gzip_size < bundle.size, "{} of {}", bundle.gzip_size, bundle.size);
}

#[test]
fn the_same_sources_give_the_same_bytes_everywhere() {
    let (here, there) = (AdapterFolder::new(TWO_MODULES), AdapterFolder::new(TWO_MODULES));
    let (first, second) = (here.bundle(), there.bundle());
    assert_eq!(first.modules, second.modules, "the folder's place must not matter");
    assert_eq!(first.modules, here.bundle().modules, "the time must not matter");
    let map: serde_json::Value = serde_json::from_str(&module(&first, "adapter.js.map")).expect("the map is JSON");
    assert_eq!(map["sources"], serde_json::json!(["src/map.ts", "src/adapter.ts"]));
    assert_eq!(map["sourcesContent"][1], TWO_MODULES[0].1);
    for module in &first.modules {
        let text = String::from_utf8_lossy(&module.content);
        let path = here.path().to_string_lossy();
        assert!(!text.contains(&*path) && !text.contains("/adapter/"), "{} names a place of this machine", module.name);
    }
}

#[test]
fn places_lead_back_to_the_author() {
    let bundle = AdapterFolder::new(TWO_MODULES).bundle();
    let code = module(&bundle, "adapter.js");
    let (line, text) =
        code.lines().enumerate().find(|(_, line)| line.contains("new Error")).expect("the line is there");
    let column = text.find("new Error").expect("the column is there") + 1;
    let (line, column) = (u32::try_from(line + 1).expect("small"), u32::try_from(column).expect("small"));
    let place = bundle.source_map.locate("adapter.js", line, column).expect("the place is mapped");
    assert_eq!((place.source.as_str(), place.line, place.column), ("src/map.ts", 5, 11));

    let stack = format!(
        "Error: no token\n    at mapFields (file:///bundle/adapter.js:{line}:{column})\n    at Object.fetch (index.js:41:30)\n    at native"
    );
    assert_eq!(
        bundle.source_map.rewrite_stack(&stack),
        "Error: no token\n    at mapFields (src/map.ts:5:11)\n    at native",
        "frames of patchbay-runtime are none of the author's business"
    );
    assert_eq!(bundle.source_map.locate("adapter.js", 100_000, 1), None);
    assert_eq!(bundle.source_map.locate("other.js", line, column), None);
}

#[test]
fn npm_packages_come_from_the_adapters_own_folder() {
    let folder = AdapterFolder::new(&[
        (
            "src/adapter.js",
            "import { Client } from 'fake-client';\nimport old from 'old-package';\nimport text from './greeting.txt';\nimport table from './table.json';\nimport { Buffer } from 'buffer';\nimport { WorkerEntrypoint } from 'cloudflare:workers';\nexport class Extra extends WorkerEntrypoint {}\nexport default { fetch: () => ({ client: Client.kind, old: old.answer(), text, table, bytes: Buffer.from('x').length }) };\n",
        ),
        ("src/greeting.txt", "hello"),
        ("src/table.json", "{\"a\": 1}"),
        (
            "node_modules/fake-client/package.json",
            r#"{"name":"fake-client","version":"1.0.0","type":"module","exports":{".":{"workerd":"./workerd.js","default":"./node.js"}}}"#,
        ),
        (
            "node_modules/fake-client/workerd.js",
            "import { deep } from 'nested/deep';\nexport class Client { static kind = 'workerd ' + deep }\n",
        ),
        ("node_modules/fake-client/node.js", "throw new Error('the wrong condition was chosen');\n"),
        ("node_modules/fake-client/node_modules/nested/package.json", r#"{"name":"nested","version":"1.0.0"}"#),
        ("node_modules/fake-client/node_modules/nested/deep.js", "export const deep = 'nested';\n"),
        ("node_modules/old-package/package.json", r#"{"name":"old-package","version":"1.0.0","main":"lib/index.js"}"#),
        ("node_modules/old-package/lib/index.js", "exports.answer = () => require('./answer');\n"),
        ("node_modules/old-package/lib/answer.js", "module.exports = 42;\n"),
    ]);
    let bundle = folder.bundle_entry("src/adapter.js", &[]).expect("the packages are found");
    let code = module(&bundle, "adapter.js");
    assert!(code.contains("workerd nested"), "{code}");
    assert!(code.contains("from \"cloudflare:workers\""), "modules of the runtime stay imports: {code}");
    assert!(code.contains("from \"node:buffer\""), "node's modules get their prefix: {code}");
    assert!(!code.contains("wrong condition"), "{code}");
}

#[test]
fn a_package_may_replace_a_module_of_node() {
    let folder = AdapterFolder::new(&[
        (
            "src/adapter.ts",
            "import { Buffer } from 'buffer';\nexport default { fetch: () => ({ kind: Buffer.kind }) };\n",
        ),
        ("node_modules/buffer/package.json", r#"{"name":"buffer","version":"6.0.0","main":"index.js"}"#),
        ("node_modules/buffer/index.js", "exports.Buffer = { kind: 'package' };\n"),
    ]);
    assert!(!module(&folder.bundle(), "adapter.js").contains("node:buffer"));
}

#[test]
fn webassembly_is_uploaded_beside_the_code() {
    let folder = AdapterFolder::new(&[(
        "src/adapter.ts",
        "import program from './lib/add.wasm';\nexport default { fetch: () => ({ ok: program instanceof WebAssembly.Module }) };\n",
    )]);
    folder.write("src/lib/add.wasm", b"\0asm\x01\0\0\0");
    let bundle = folder.bundle();
    let wasm = bundle.modules.iter().find(|module| module.kind == ModuleKind::Wasm).expect("the module is there");
    assert_eq!((wasm.name.as_str(), &wasm.content[..]), ("src/lib/add.wasm", &b"\0asm\x01\0\0\0"[..]));
    assert!(module(&bundle, "adapter.js").contains("from \"./src/lib/add.wasm\""), "{}", module(&bundle, "adapter.js"));
}

#[test]
fn links_inside_the_folder_are_followed() {
    let folder = AdapterFolder::new(&[
        ("src/adapter.ts", "import { kind } from 'linked';\nexport default { fetch: () => ({ kind }) };\n"),
        (
            "node_modules/.store/linked@1.0.0/package.json",
            r#"{"name":"linked","version":"1.0.0","main":"index.js","type":"module"}"#,
        ),
        ("node_modules/.store/linked@1.0.0/index.js", "export const kind = 'linked';\n"),
    ]);
    folder.link(".store/linked@1.0.0", "node_modules/linked");
    assert!(module(&folder.bundle(), "adapter.js").contains("\"linked\""));
}

#[test]
fn unsaved_text_stands_in_place_of_files() {
    let folder = AdapterFolder::new(TWO_MODULES);
    let overlay = [
        ("src/map.ts".to_owned(), "import { suffix } from './draft/suffix';\nexport const mapFields = (event: object) => ({ ...event, suffix });\n".to_owned()),
        ("src/draft/suffix.ts".to_owned(), "export const suffix = 'draft';\n".to_owned()),
    ];
    let bundle = folder.bundle_entry("src/adapter.ts", &overlay).expect("the draft can be bundled");
    assert!(module(&bundle, "adapter.js").contains("draft"), "the draft's text should be bundled");
    assert!(!module(&folder.bundle(), "adapter.js").contains("draft"), "the files stay as they are");
}

#[test]
fn bundling_is_quick_enough_for_every_save() {
    let folder = AdapterFolder::new(TWO_MODULES);
    folder.bundle();
    let started = Instant::now();
    folder.bundle();
    let elapsed = started.elapsed();
    assert!(elapsed.as_millis() < 2_000, "two modules took {elapsed:?}");
}
