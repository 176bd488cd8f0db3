"""The running program with an adapter a provider: samples signed without being sent, and requests judged.

`support/with-platform.js` starts it, with the adapters of `senders/bench.js`.
"""

import base64
import json
import os
from dataclasses import dataclass

import httpx

TENANT = "acme"
ENDPOINT = "https://hooks.example.com"


@dataclass
class Signed:
    """A sample as its provider would send it now; names of headers are in lower case."""

    name: str
    headers: dict
    body: bytes
    accepted: bool


class Senders:
    def __init__(self):
        facts = json.loads(os.environ["PATCHBAY_SENDERS"])
        self.secrets = facts["secrets"]
        # Provider -> names of its samples.
        self.samples = facts["samples"]
        self._client = httpx.Client(base_url=facts["url"], headers={"Authorization": f"Bearer {facts['token']}"})

    def _call(self, command, adapter, **fields):
        request = {"tenant": TENANT, "adapter": adapter, "environment": "production", **fields}
        answer = self._client.post(f"rpc/{command}", json=request)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sign(self, provider, name):
        signed = self._call("sample_sign", provider, sample=name, url=ENDPOINT)
        request = signed["request"]
        headers = {name.lower(): value for name, value in request["headers"]}
        return Signed(name, headers, base64.b64decode(request["body_base64"]), signed["accepted"])

    def accepts(self, provider, headers, body):
        """Whether we take a request for one of the provider's."""
        request = {
            "method": "POST",
            "url": f"{ENDPOINT}/",
            "headers": list(headers.items()),
            "body_base64": base64.b64encode(body).decode(),
        }
        return self._call("sample_verify", provider, request=request)["accepted"]
