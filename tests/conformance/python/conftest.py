"""The official Python client on a running platform, and a way past it: what a client did is read back raw.

`support/with-platform.js` starts the platform and says where it is.
"""

import os
from pathlib import Path

import httpx
import pytest
from cloudflare import Cloudflare
from senders import Senders

# The namespace that the dispatcher of production serves tenants in `eu` from, and the tenant of scripts called there.
SERVED = "workspace-production-eu"
TENANT = "acme"

# A Worker that answers with what `env` holds.
ENVIRONMENT = "export default { fetch: (request, env) => Response.json(env) };\n"


class Bench:
    """A platform with a client that validates every answer strictly."""

    def __init__(self, prefix):
        self.api_url = os.environ[f"{prefix}_API_URL"]
        self.account = os.environ[f"{prefix}_ACCOUNT_ID"]
        self.token = Path(os.environ[f"{prefix}_TOKEN_FILE"]).read_text().strip()
        self._dispatcher_url = os.environ[f"{prefix}_DISPATCHER_URL"]
        self._log_file = Path(os.environ[f"{prefix}_LOG_FILE"])
        # Every request and answer of the client, in order: (method, url, request body, status, answer).
        self.calls = []
        self.client = self.connect(self.token)
        self.namespaces = self.client.workers_for_platforms.dispatch.namespaces
        self._raw = httpx.Client(headers={"Authorization": f"Bearer {self.token}"})
        self._made = 0

    def connect(self, token):
        """A client with strict validation, whose calls are kept."""
        recording = httpx.Client(event_hooks={"response": [self._keep]})
        return Cloudflare(
            api_token=token,
            base_url=self.api_url,
            http_client=recording,
            _strict_response_validation=True,
        )

    def _keep(self, response):
        response.read()
        request = response.request
        self.calls.append((request.method, str(request.url), request.read(), response.status_code, response.content))

    def raw(self, method, path, **options):
        """A raw call below the namespaces: status and decoded envelope."""
        url = f"{self.api_url}/accounts/{self.account}/workers/dispatch/namespaces{path}"
        answer = self._raw.request(method, url, **options)
        return answer.status_code, answer.json()

    def held(self, path):
        """The result of a raw read that has to succeed."""
        status, envelope = self.raw("GET", path)
        assert status == 200, envelope
        return envelope["result"]

    def exhaust(self, seconds):
        """Uses up the requests of the API until at least `seconds` of the present window are left."""
        while True:
            answer = self._raw.get(f"{self.api_url}/user")
            if answer.status_code == 429 and int(answer.headers["retry-after"]) >= seconds:
                return

    def namespace(self):
        """A new namespace."""
        self._made += 1
        name = f"python-{self._made}"
        status, envelope = self.raw("POST", "", json={"name": name})
        assert status == 200, envelope
        return name

    def upload(self, namespace, script, modules, **metadata):
        """Uploads ES modules, given as `{name: content}`, whose first one is the entry."""
        files = [(name, as_bytes(content), module_type(name)) for name, content in modules.items()]
        return self.namespaces.scripts.update(
            script,
            account_id=self.account,
            dispatch_namespace=namespace,
            metadata={"main_module": next(iter(modules)), "compatibility_date": "2026-06-01", **metadata},
            files=files,
        )

    def answer(self, adapter):
        """What an adapter of the tenant answers through the dispatcher of production."""
        headers = {"x-customer-id": TENANT, "x-script-id": adapter}
        return httpx.get(self._dispatcher_url, headers=headers)

    def log(self):
        """Everything that the platform logged so far."""
        return self._log_file.read_text()


def as_bytes(content):
    return content.encode() if isinstance(content, str) else content


def module_type(name):
    if name.endswith(".txt"):
        return "text/plain"
    if name.endswith(".bin"):
        return "application/octet-stream"
    return "application/javascript+module"


def secret(name, text):
    return {"name": name, "text": text, "type": "secret_text"}


@pytest.fixture(scope="session")
def bench():
    return Bench("PATCHBAY")


@pytest.fixture(scope="session")
def limited():
    """The platform that takes 20 requests in four seconds."""
    return Bench("PATCHBAY_LIMITED")


@pytest.fixture(scope="session")
def senders():
    return Senders()


@pytest.fixture
def namespace(bench):
    """A namespace that no other test uses."""
    return bench.namespace()
