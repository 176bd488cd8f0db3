"""Every operation of `workers_for_platforms.dispatch.namespaces` that the Python package `cloudflare` has, with strict
validation of every answer."""

import base64
import hashlib
import hmac
import inspect
import re

from cloudflare._resource import SyncAPIResource
from conftest import ENVIRONMENT, SERVED, secret

# Operation → the test of it.
TESTED = {}


def operation(path):
    """Marks the test of one operation, named by its path below `namespaces`."""

    def mark(test):
        assert path not in TESTED, path
        TESTED[path] = test.__name__
        return test

    return mark


def operations_of(resource, prefix=""):
    """Paths of every method that calls the API, found in the package itself."""
    for name, member in inspect.getmembers(type(resource)):
        if name.startswith("_"):
            continue
        if inspect.isfunction(member):
            yield prefix + name
        elif not name.startswith("with_"):
            below = getattr(resource, name)
            if isinstance(below, SyncAPIResource):
                yield from operations_of(below, f"{prefix}{name}.")


def place(bench, namespace):
    """The parameters that say where a script is."""
    return {"account_id": bench.account, "dispatch_namespace": namespace}


def parts_of(answer):
    """The parts of a multipart answer by name, in order, byte for byte."""
    boundary = re.search(r'boundary="?([^";]+)', answer.headers["content-type"]).group(1)
    parts = {}
    for part in (b"\r\n" + answer.read()).split(f"\r\n--{boundary}".encode())[1:-1]:
        head, content = part.split(b"\r\n\r\n", 1)
        parts[re.search(rb'\bname="([^"]*)"', head).group(1).decode()] = content
    return parts


def publish(bench, namespace, **metadata):
    return bench.upload(namespace, "notes", {"worker.js": ENVIRONMENT}, **metadata)


@operation("create")
def test_create_makes_a_namespace(bench):
    created = bench.namespaces.create(account_id=bench.account, name="python-created")
    assert created.to_dict(mode="json") == bench.held("/python-created")
    assert (created.namespace_name, created.script_count) == ("python-created", 0)


@operation("list")
def test_list_pages_through_every_namespace(bench, namespace):
    listed = list(bench.namespaces.list(account_id=bench.account))
    assert [entry.namespace_name for entry in listed] == [entry["namespace_name"] for entry in bench.held("")]
    assert namespace in [entry.namespace_name for entry in listed]


@operation("get")
def test_get_reads_a_namespace(bench, namespace):
    publish(bench, namespace)
    entry = bench.namespaces.get(namespace, account_id=bench.account)
    assert (entry.namespace_name, entry.script_count, entry.trusted_workers) == (namespace, 1, False)


@operation("delete")
def test_delete_removes_a_namespace_with_its_scripts(bench, namespace):
    publish(bench, namespace)
    assert bench.namespaces.delete(namespace, account_id=bench.account) is None
    status, envelope = bench.raw("GET", f"/{namespace}")
    assert (status, envelope["errors"][0]["code"]) == (404, 100119)


@operation("scripts.update")
def test_scripts_update_uploads_modules_that_are_live_at_once(bench):
    modules = {
        "main.js": "import { greet } from './lib/greet.js'; import note from './note.txt'; import data from './data.bin';"
        "export default { fetch: () => Response.json({ greeting: greet(), note, bytes: [...new Uint8Array(data)] }) };",
        "lib/greet.js": "export const greet = () => 'hello';",
        "note.txt": "a note",
        "data.bin": b"\x00\xff",
    }
    uploaded = bench.upload(SERVED, "acme-python", modules, tags=["team-a"])
    assert bench.answer("python").json() == {"greeting": "hello", "note": "a note", "bytes": [0, 255]}
    assert (uploaded.id, uploaded.entry_point, uploaded.has_modules) == ("acme-python", "main.js", True)
    assert uploaded.startup_time_ms >= 0
    assert uploaded.tags == ["team-a"]


@operation("scripts.get")
def test_scripts_get_reads_a_script(bench, namespace):
    uploaded = publish(bench, namespace)
    found = bench.namespaces.scripts.get("notes", **place(bench, namespace))
    assert (found.dispatch_namespace, found.script.id) == (namespace, "notes")
    assert found.script.etag == uploaded.etag
    assert found.modified_on == uploaded.modified_on


@operation("scripts.delete")
def test_scripts_delete_removes_a_script(bench, namespace):
    publish(bench, namespace)
    assert bench.namespaces.scripts.delete("notes", force=True, **place(bench, namespace)) is None
    status, envelope = bench.raw("GET", f"/{namespace}/scripts/notes")
    assert (status, envelope["errors"][0]["code"]) == (404, 10092)


@operation("scripts.content.update")
def test_content_update_replaces_the_code_and_nothing_else(bench):
    bindings = [{"name": "REGION", "type": "plain_text", "text": "eu"}, secret("API_KEY", "example-key")]
    script = "acme-python-content"
    bench.upload(SERVED, script, {"worker.js": ENVIRONMENT}, bindings=bindings, tags=["kept"])
    source = "export default { fetch: (request, env) => new Response(env.API_KEY + env.REGION) };"
    updated = bench.namespaces.scripts.content.update(
        script,
        metadata={"main_module": "other.js"},
        files=[("other.js", source.encode(), "application/javascript+module")],
        **place(bench, SERVED),
    )
    assert (updated.id, updated.entry_point) == (script, "other.js")
    assert bench.answer("python-content").text == "example-keyeu"
    assert bench.held(f"/{SERVED}/scripts/{script}/tags") == ["kept"]


@operation("scripts.content.get")
def test_content_get_gives_every_module_back_byte_for_byte(bench, namespace):
    modules = {"worker.js": ENVIRONMENT.encode(), "lib/data.bin": b"\x00\r\n\xff"}
    bench.upload(namespace, "notes", modules)
    answer = bench.namespaces.scripts.content.get("notes", **place(bench, namespace))
    assert answer.headers["cf-entrypoint"] == "worker.js"
    assert parts_of(answer) == modules


def test_content_get_also_streams(bench, namespace):
    publish(bench, namespace)
    streaming = bench.namespaces.scripts.content.with_streaming_response
    with streaming.get("notes", **place(bench, namespace)) as answer:
        assert ENVIRONMENT.strip().encode() in b"".join(answer.iter_bytes())


@operation("scripts.settings.get")
def test_settings_get_reads_what_was_uploaded(bench, namespace):
    bindings = [{"name": "CONF", "type": "json", "json": {"a": [1, None]}}]
    publish(bench, namespace, bindings=bindings, tags=["a"], compatibility_flags=["nodejs_compat"], limits={"cpu_ms": 50})
    settings = bench.namespaces.scripts.settings.get("notes", **place(bench, namespace))
    assert settings.to_dict(mode="json")["bindings"] == bindings
    assert settings.tags == ["a"]
    assert settings.compatibility_flags == ["nodejs_compat"]
    assert settings.compatibility_date == "2026-06-01"
    assert settings.limits.cpu_ms == 50


@operation("scripts.settings.edit")
def test_settings_edit_changes_what_it_names_and_keeps_the_rest(bench, namespace):
    publish(bench, namespace, bindings=[secret("API_KEY", "example-key")], tags=["a"])
    bindings = [{"name": "REGION", "type": "plain_text", "text": "us"}, {"name": "API_KEY", "type": "inherit"}]
    edited = bench.namespaces.scripts.settings.edit("notes", settings={"bindings": bindings}, **place(bench, namespace))
    after = [{"name": "REGION", "type": "plain_text", "text": "us"}, {"name": "API_KEY", "type": "secret_text"}]
    assert edited.to_dict(mode="json")["bindings"] == after
    assert bench.held(f"/{namespace}/scripts/notes/bindings") == after
    assert edited.tags == ["a"]


@operation("scripts.bindings.get")
def test_bindings_get_pages_through_the_bindings_with_no_secret_value(bench, namespace):
    bindings = [{"name": "REGION", "type": "plain_text", "text": "eu"}, secret("API_KEY", "example-key")]
    publish(bench, namespace, bindings=bindings)
    found = list(bench.namespaces.scripts.bindings.get("notes", **place(bench, namespace)))
    assert [entry.to_dict(mode="json") for entry in found] == [bindings[0], {"name": "API_KEY", "type": "secret_text"}]


@operation("scripts.secrets.update")
def test_secrets_update_sets_a_text_and_a_key_live_without_an_upload(bench):
    source = """export default { async fetch(request, env) {
      const signature = await crypto.subtle.sign('HMAC', env.SIGNING_KEY, new TextEncoder().encode('body'));
      return Response.json({ text: env.API_KEY, signature: [...new Uint8Array(signature)] });
    } };"""
    script = "acme-python-secrets"
    bench.upload(SERVED, script, {"worker.js": source})
    secrets = bench.namespaces.scripts.secrets
    text = secrets.update(script, **secret("API_KEY", "value-1"), **place(bench, SERVED))
    assert text.to_dict(mode="json") == {"name": "API_KEY", "type": "secret_text"}

    key = b"example key of any length"
    described = {"algorithm": {"name": "HMAC", "hash": "SHA-256"}, "format": "raw", "usages": ["sign"]}
    saved = secrets.update(
        script,
        name="SIGNING_KEY",
        type="secret_key",
        key_base64=base64.b64encode(key).decode(),
        **described,
        **place(bench, SERVED),
    )
    assert saved.to_dict(mode="json") == {"name": "SIGNING_KEY", "type": "secret_key", **described}
    assert bench.answer("python-secrets").json() == {
        "text": "value-1",
        "signature": list(hmac.digest(key, b"body", hashlib.sha256)),
    }


@operation("scripts.secrets.list")
def test_secrets_list_pages_through_names_and_types_only(bench, namespace):
    bindings = [secret("ONE", "example-1"), secret("TWO", "example-2"), {"name": "X", "type": "plain_text", "text": "x"}]
    publish(bench, namespace, bindings=bindings)
    found = list(bench.namespaces.scripts.secrets.list("notes", **place(bench, namespace)))
    assert [entry.to_dict(mode="json") for entry in found] == [
        {"name": "ONE", "type": "secret_text"},
        {"name": "TWO", "type": "secret_text"},
    ]


@operation("scripts.secrets.get")
def test_secrets_get_reads_one(bench, namespace):
    publish(bench, namespace, bindings=[secret("API_KEY", "example"), secret("a/b", "example")])
    secrets = bench.namespaces.scripts.secrets
    plain = secrets.get("API_KEY", script_name="notes", **place(bench, namespace))
    assert plain.to_dict(mode="json") == {"name": "API_KEY", "type": "secret_text"}
    # This client encodes what stands in a path.
    slashed = secrets.get("a/b", script_name="notes", url_encoded=True, **place(bench, namespace))
    assert slashed.name == "a/b"


@operation("scripts.secrets.delete")
def test_secrets_delete_removes_one_and_keeps_the_others(bench, namespace):
    publish(bench, namespace, bindings=[secret("ONE", "example"), secret("TWO", "example")])
    assert bench.namespaces.scripts.secrets.delete("ONE", script_name="notes", **place(bench, namespace)) is None
    assert bench.held(f"/{namespace}/scripts/notes/secrets") == [{"name": "TWO", "type": "secret_text"}]


@operation("scripts.secrets.bulk_update")
def test_secrets_bulk_update_adds_changes_and_removes_at_once(bench):
    script = "acme-python-bulk"
    bindings = [secret("CHANGED", "before"), secret("REMOVED", "before"), secret("KEPT", "before")]
    bench.upload(SERVED, script, {"worker.js": ENVIRONMENT}, bindings=bindings)
    changes = {"CHANGED": secret("CHANGED", "after"), "REMOVED": None, "ADDED": secret("ADDED", "after")}
    answer = bench.namespaces.scripts.secrets.bulk_update(script, secrets=changes, **place(bench, SERVED))
    assert answer["CHANGED"].type == answer["ADDED"].type == "secret_text"
    assert "REMOVED" not in answer
    assert bench.answer("python-bulk").json() == {"CHANGED": "after", "KEPT": "before", "ADDED": "after"}


@operation("scripts.tags.update")
def test_tags_update_replaces_the_tags(bench, namespace):
    publish(bench, namespace, tags=["old"])
    tags = bench.namespaces.scripts.tags
    assert list(tags.update("notes", body=["team-a", "public"], **place(bench, namespace))) == ["team-a", "public"]
    assert bench.held(f"/{namespace}/scripts/notes/tags") == ["team-a", "public"]


@operation("scripts.tags.list")
def test_tags_list_pages_through_the_tags(bench, namespace):
    publish(bench, namespace, tags=["team-a", "public"])
    assert list(bench.namespaces.scripts.tags.list("notes", **place(bench, namespace))) == ["team-a", "public"]


@operation("scripts.tags.delete")
def test_tags_delete_removes_one_tag(bench, namespace):
    publish(bench, namespace, tags=["team-a", "public"])
    tags = bench.namespaces.scripts.tags
    assert tags.delete("team-a", script_name="notes", **place(bench, namespace)) is None
    assert bench.held(f"/{namespace}/scripts/notes/tags") == ["public"]


@operation("scripts.asset_upload.create")
def test_asset_upload_create_opens_a_session_that_asks_for_the_new_files(bench, namespace):
    content = b"<h1>page</h1>"
    digest = hashlib.sha256(content).hexdigest()[:32]
    manifest = {"/index.html": {"hash": digest, "size": len(content)}}
    session = bench.namespaces.scripts.asset_upload.create("notes", manifest=manifest, **place(bench, namespace))
    assert session.buckets == [[digest]]
    assert session.jwt.count(".") == 2


def test_every_operation_of_the_package_is_tested(bench):
    assert sorted(TESTED) == sorted(operations_of(bench.namespaces))
    assert len(TESTED) == 21
