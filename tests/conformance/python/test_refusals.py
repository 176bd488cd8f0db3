"""What the platform refuses, as the Python client sees it."""

import uuid

import cloudflare
import pytest
from conftest import ENVIRONMENT, SERVED, secret


def failure(bench, kind, call):
    """The code of a call that has to fail with that kind of error, sent once."""
    sent = len(bench.calls)
    with pytest.raises(kind) as caught:
        call()
    assert len(bench.calls) == sent + 1, "a refusal is not sent again"
    return caught.value.errors[0]


def test_an_upload_that_does_not_start_is_refused_and_the_old_version_serves_on(bench):
    bench.upload(SERVED, "acme-python-stays", {"worker.js": ENVIRONMENT})
    broken = {"worker.js": "export default { fetch() {} };\n\n  missing();\n"}
    error = failure(bench, cloudflare.BadRequestError, lambda: bench.upload(SERVED, "acme-python-stays", broken))
    assert (error.code, error.message) == (
        10021,
        "Uncaught ReferenceError: missing is not defined\n  at worker.js:3:3\n",
    )
    assert bench.answer("python-stays").json() == {}


def test_a_missing_script_is_not_found_with_the_code_of_its_operation(bench):
    scripts = bench.namespaces.scripts
    place = {"account_id": bench.account, "dispatch_namespace": SERVED}
    for code, operation in [
        (10092, lambda: scripts.get("missing", **place)),
        (10007, lambda: scripts.delete("missing", **place)),
        (10007, lambda: scripts.content.get("missing", **place)),
        (10007, lambda: scripts.settings.get("missing", **place)),
        (10007, lambda: scripts.tags.list("missing", **place)),
        (100119, lambda: bench.namespaces.get("missing", account_id=bench.account)),
    ]:
        assert failure(bench, cloudflare.NotFoundError, operation).code == code


def test_a_namespace_that_exists_is_a_bad_request(bench, namespace):
    create = lambda: bench.namespaces.create(account_id=bench.account, name=namespace)  # noqa: E731
    assert failure(bench, cloudflare.BadRequestError, create).code == 100120


def test_a_wrong_token_is_denied(bench):
    stranger = bench.connect("wrong").workers_for_platforms.dispatch.namespaces
    read = lambda: stranger.get(SERVED, account_id=bench.account)  # noqa: E731
    assert failure(bench, cloudflare.PermissionDeniedError, read).code == 10000


def test_a_secret_comes_back_in_no_answer_error_or_log(bench):
    value = f"example-{uuid.uuid4()}"
    name = "acme-python-hidden"
    place = {"account_id": bench.account, "dispatch_namespace": SERVED}
    before = len(bench.calls)
    bench.upload(SERVED, name, {"worker.js": ENVIRONMENT}, bindings=[secret("API_KEY", value)])
    scripts = bench.namespaces.scripts
    scripts.secrets.update(name, **secret("API_KEY", value), **place)
    scripts.secrets.bulk_update(name, secrets={"API_KEY": secret("API_KEY", value)}, **place)
    list(scripts.secrets.list(name, **place))
    list(scripts.bindings.get(name, **place))
    scripts.settings.get(name, **place)
    quoting = {"worker.js": 'import { env } from "cloudflare:workers";\nthrow new Error("got " + env.API_KEY);\n'}
    error = failure(bench, cloudflare.BadRequestError, lambda: bench.upload(SERVED, name, quoting))

    calls = bench.calls[before:]
    assert any(value.encode() in body for _, _, body, _, _ in calls), "it did go up"
    for method, url, _, _, answer in calls:
        assert value.encode() not in answer, f"{method} {url}"
    assert value not in error.message
    assert value not in bench.log()
