//! Customers bring what they have.

use crate::machine::Machine;

const PLAIN: &str = "export default {
  async fetch(request, env) {
    const webhook = await request.json();
    return { notion_page: webhook.slack_message, tags: webhook.slack_thread_tags, created_by: webhook.slack_user };
  },
};
";

fn machine_with_tenant() -> Machine {
    let machine = Machine::new();
    machine.run(&["tenant", "add", "customer-a", "--region", "eu", "--egress", "api.notion.com"]).success();
    machine
}

#[test]
fn a_plain_adapter_imports_lints_publishes_and_answers_as_it_stands() {
    let machine = machine_with_tenant();
    let file = machine.home().join("adapter.js");
    std::fs::write(&file, PLAIN).expect("the home is writable");
    let imported = machine.json(&["import", file.to_str().expect("UTF-8"), "customer-a/plain"]);
    assert_eq!(imported["bindings"], serde_json::json!([]), "it reads nothing from env");
    machine.run(&["lint", "customer-a/plain"]).success();
    machine.run(&["publish", "customer-a/plain"]).success();

    let traces = machine.json(&["replay", "customer-a/plain"]);
    let sent: serde_json::Value =
        serde_json::from_str(traces[0]["request"]["body"]["text"].as_str().expect("a body")).expect("JSON");
    let answer: serde_json::Value =
        serde_json::from_str(traces[0]["response"]["body"]["text"].as_str().expect("a body")).expect("JSON");
    assert_eq!(traces[0]["response"]["status"], 200);
    assert!(!sent["slack_message"].is_null(), "the sample made on import has the fields that the code reads: {sent}");
    assert_eq!(
        answer,
        serde_json::json!({ "notion_page": sent["slack_message"], "tags": sent["slack_thread_tags"], "created_by": sent["slack_user"] })
    );
}

#[test]
fn a_folder_with_modules_imports_and_its_manifest_is_inferred() {
    let machine = machine_with_tenant();
    let folder = machine.home().join("worker");
    std::fs::create_dir_all(folder.join("src/lib")).expect("writable");
    std::fs::write(
        folder.join("src/index.ts"),
        "import { post } from './lib/notion';\nexport default {\n  async fetch(request: Request, env: { NOTION_TOKEN: string; REGION: string }) {\n    const signature = request.headers.get('x-slack-signature');\n    const { REGION } = env;\n    return post(env.NOTION_TOKEN, REGION + signature);\n  },\n};\n",
    )
    .expect("writable");
    std::fs::write(
        folder.join("src/lib/notion.ts"),
        "export async function post(token: string, text: string): Promise<object> {\n  const answer = await fetch('https://api.notion.com/v1/pages', { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: text });\n  return { status: answer.status };\n}\n",
    )
    .expect("writable");
    std::fs::write(folder.join("package.json"), r#"{ "main": "src/index.ts" }"#).expect("writable");
    let imported = machine.json(&["import", folder.to_str().expect("UTF-8"), "customer-a/mine"]);
    let mut names: Vec<&str> = imported["bindings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|binding| binding["name"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["NOTION_TOKEN", "REGION"]);
    assert_eq!(imported["upstreams"], serde_json::json!(["api.notion.com"]));
    assert_eq!(imported["provider"], "slack");
    let manifest = std::fs::read_to_string(machine.workspace().join("tenants/customer-a/adapters/mine/adapter.toml"))
        .expect("a manifest");
    assert!(manifest.contains("NOTION_TOKEN") && manifest.contains("secret_text"), "{manifest}");
    machine.run(&["lint", "customer-a/mine"]).success();
}

#[test]
fn an_imported_folder_is_typed_for_editors_and_the_types_follow_the_manifest() {
    let machine = machine_with_tenant();
    let file = machine.home().join("adapter.js");
    std::fs::write(
        &file,
        "export default { fetch: (request, env) => new Response(env.NOTION_TOKEN ? 'set' : 'missing') };\n",
    )
    .expect("the home is writable");
    machine.json(&["import", file.to_str().expect("UTF-8"), "customer-a/typed"]);
    let folder = machine.workspace().join("tenants/customer-a/adapters/typed");
    let types = || std::fs::read_to_string(folder.join("env.d.ts")).expect("the types are there");
    assert!(types().contains("readonly NOTION_TOKEN: SecretText;"), "{}", types());
    assert!(folder.join("tsconfig.json").is_file());

    let manifest = std::fs::read_to_string(folder.join("adapter.toml")).expect("a manifest");
    let declared = format!("{manifest}\n[[bindings]]\nname = \"CHANNEL\"\nkind = \"plain_text\"\n");
    std::fs::write(folder.join("adapter.toml"), declared).expect("writable");
    machine.run(&["lint", "--fix", "customer-a/typed"]).success();
    assert!(types().contains("readonly CHANNEL: string;"), "{}", types());

    std::fs::write(folder.join("env.d.ts"), "// My own types.\n").expect("writable");
    machine.run(&["lint", "--fix", "customer-a/typed"]).success();
    assert_eq!(types(), "// My own types.\n", "what Patchbay did not write is not Patchbay's to change");
}

#[test]
fn an_npm_package_of_the_adapter_is_bundled() {
    let machine = machine_with_tenant();
    let folder = machine.home().join("worker");
    let package = folder.join("node_modules/greeting");
    std::fs::create_dir_all(&package).expect("writable");
    std::fs::write(
        package.join("package.json"),
        r#"{ "name": "greeting", "version": "1.0.0", "type": "module", "exports": "./greet.js" }"#,
    )
    .expect("writable");
    std::fs::write(package.join("greet.js"), "export const greet = (name) => `hello ${name}`;\n").expect("writable");
    std::fs::write(folder.join("adapter.mjs"), "import { greet } from 'greeting';\nexport default { async fetch(request) { const body = await request.json(); return { said: greet(body.name) }; } };\n").expect("writable");
    let imported = machine.json(&["import", folder.to_str().expect("UTF-8"), "customer-a/greeter"]);
    assert!(
        imported["skipped"].to_string().contains("node_modules"),
        "packages are not copied, and that is said: {imported}"
    );
    let error = machine.error(&["publish", "customer-a/greeter"], 1);
    assert_eq!(error["code"], "bundle.failed", "{error}");
    assert!(error["hints"].to_string().contains("npm install greeting"), "{error}");

    let installed = machine.workspace().join("tenants/customer-a/adapters/greeter/node_modules");
    std::fs::rename(folder.join("node_modules"), installed).expect("writable");
    machine.run(&["publish", "customer-a/greeter"]).success();
    let traces = machine.json(&["replay", "customer-a/greeter"]);
    assert!(
        traces[0]["response"]["body"]["text"].as_str().expect("a body").starts_with("{\"said\":\"hello "),
        "{traces:#}"
    );
}

#[test]
fn what_cannot_be_imported_is_said() {
    let machine = machine_with_tenant();
    let missing = machine.error(&["import", "/nowhere/adapter.js", "customer-a/x"], 1);
    assert_eq!(missing["code"], "import.unreadable", "{missing}");
    let big = machine.home().join("big.js");
    std::fs::write(&big, format!("export default {{}};//{}", "x".repeat(30 << 20))).expect("writable");
    let error = machine.error(&["import", big.to_str().expect("UTF-8"), "customer-a/x"], 1);
    assert_eq!(error["code"], "adapter.too_large", "{error}");
    assert!(!machine.workspace().join("tenants/customer-a/adapters/x").exists(), "nothing is left behind");
}
