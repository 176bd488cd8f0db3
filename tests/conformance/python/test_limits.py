"""The limit of requests, as the Python client meets it (O12)."""

import time

import cloudflare
import pytest
from conftest import SERVED


def test_a_call_over_the_limit_is_sent_again_after_retry_after_and_succeeds(limited):
    limited.exhaust(2)
    sent = len(limited.calls)
    began = time.monotonic()
    assert limited.namespaces.get(SERVED, account_id=limited.account).namespace_name == SERVED
    assert [status for _, _, _, status, _ in limited.calls[sent:]] == [429, 200]
    assert time.monotonic() - began > 1, "it waited"


def test_a_client_that_does_not_wait_gets_a_rate_limit_error_with_971(limited):
    limited.exhaust(2)
    namespaces = limited.client.with_options(max_retries=0).workers_for_platforms.dispatch.namespaces
    with pytest.raises(cloudflare.RateLimitError) as caught:
        namespaces.get(SERVED, account_id=limited.account)
    assert caught.value.errors[0].code == 971
    assert int(caught.value.response.headers["retry-after"]) >= 1
