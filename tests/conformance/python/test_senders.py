"""What the providers' own Python libraries and we have to agree on: they accept what we sign, we accept what they sign, and
both refuse a body that was changed."""

import datetime
import time

import pytest
import standardwebhooks
import stripe
from slack_sdk.signature import SignatureVerifier


class Slack:
    provider = "slack"

    @staticmethod
    def accepts(secret, headers, body):
        return SignatureVerifier(secret).is_valid_request(body, headers)

    @staticmethod
    def sign(secret, headers, body):
        timestamp = str(int(time.time()))
        signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
        return {**headers, "x-slack-request-timestamp": timestamp, "x-slack-signature": signature}


class Stripe:
    """It has no public signer."""

    provider = "stripe"

    @staticmethod
    def accepts(secret, headers, body):
        try:
            return stripe.WebhookSignature.verify_header(body.decode(), headers["stripe-signature"], secret, tolerance=300)
        except stripe.SignatureVerificationError:
            return False


class StandardWebhooks:
    provider = "standard-webhooks"

    @staticmethod
    def accepts(secret, headers, body):
        try:
            return isinstance(standardwebhooks.Webhook(secret).verify(body, headers), dict)
        except standardwebhooks.WebhookVerificationError:
            return False

    @staticmethod
    def sign(secret, headers, body):
        now = datetime.datetime.now(tz=datetime.timezone.utc)
        signature = standardwebhooks.Webhook(secret).sign(headers["webhook-id"], now, body.decode())
        return {**headers, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


LIBRARIES = [Slack, Stripe, StandardWebhooks]
SIGNING = [library for library in LIBRARIES if hasattr(library, "sign")]


def changed(body):
    middle = len(body) // 2
    other = b"2" if body[middle : middle + 1] == b"1" else b"1"
    return body[:middle] + other + body[middle + 1 :]


def each(libraries):
    return pytest.mark.parametrize("library", libraries, ids=lambda library: library.provider)


@pytest.fixture
def signed(senders, library):
    """Every sample of the provider that a receiver accepts, signed now: name, headers, body."""
    samples = [senders.sign(library.provider, name) for name in senders.samples[library.provider]]
    assert samples
    return [sample for sample in samples if sample.accepted]


@each(LIBRARIES)
def test_the_library_accepts_what_we_sign(senders, library, signed):
    secret = senders.secrets[library.provider]
    agreed = sum(library.accepts(secret, sample.headers, sample.body) for sample in signed)
    assert agreed == len(signed), f"{library.provider}: {agreed}/{len(signed)}"


@each(LIBRARIES)
def test_a_changed_body_or_another_secret_is_refused_by_the_library_and_by_us(senders, library, signed):
    secret = senders.secrets[library.provider]
    for sample in signed:
        assert not library.accepts(secret, sample.headers, changed(sample.body)), sample.name
        assert not senders.accepts(library.provider, sample.headers, changed(sample.body)), sample.name
        assert not library.accepts(secret[:-4] + "AAAA", sample.headers, sample.body), sample.name


@each(SIGNING)
def test_we_accept_what_the_library_signs(senders, library, signed):
    secret = senders.secrets[library.provider]
    for sample in signed:
        headers = library.sign(secret, sample.headers, sample.body)
        assert senders.accepts(library.provider, headers, sample.body), sample.name
        assert not senders.accepts(library.provider, headers, changed(sample.body)), sample.name
        forged = library.sign(secret[:-4] + "AAAA", sample.headers, sample.body)
        assert not senders.accepts(library.provider, forged, sample.body), sample.name
