//! The simulated senders of webhooks: the keys that they sign with, and what their hosts say about them.

use crate::app::{OpenWorkspace, blocking};
use crate::wire::error::WireError;
use patchbay_upstream::Senders;
use patchbay_webhooks::SenderKeys;
use patchbay_webhooks::providers::paypal;
use serde_json::Value;
use std::sync::Arc;

/// What the seed of their keys is for, in the keychain.
const PURPOSE: &str = "senders";

/// The keys of the workspace's simulated senders: the same ones in every process.
pub(crate) async fn keys(open: &Arc<OpenWorkspace>) -> Result<Arc<SenderKeys>, WireError> {
    if let Some(keys) = open.sender_keys.get() {
        return Ok(Arc::clone(keys));
    }
    let secrets = Arc::clone(&open.secrets);
    let seed = blocking(move || secrets.sealing_key(PURPOSE)).await??;
    Ok(Arc::clone(open.sender_keys.get_or_init(|| Arc::new(SenderKeys::from_seed(*seed)))))
}

/// What the hosts of `PayPal` and Entra say to receivers.
pub(crate) struct SimulatedSenders(pub(crate) Arc<SenderKeys>);

impl Senders for SimulatedSenders {
    fn paypal_certificate(&self, url: &str) -> Option<String> {
        if url == paypal::CERTIFICATE_URL { paypal::certificate_pem(&self.0) } else { None }
    }

    fn paypal_verifies(&self, question: &[u8]) -> Option<bool> {
        paypal::verification::judge(question, &self.0).ok()
    }

    fn entra_key_set(&self) -> Value {
        self.0.key_set()
    }
}
