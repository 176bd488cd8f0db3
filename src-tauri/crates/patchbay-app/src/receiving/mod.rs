//! The inbox of the embedded platform: what arrives from outside is in the history before a script gets it.

mod clerk;
mod delivery;
mod pending;
mod sealing;

pub(crate) use sealing::{Sealing, is_telling};

use crate::app::{App, OpenWorkspace};
use crate::wire::events::AppEvent;
use crate::wire::inbox::InboxRefusal;
use clerk::{Clerk, News};
use delivery::Delivery;
use futures_util::future::BoxFuture;
use patchbay_platform::{Inbox, NotStored, Received, Report};
use std::sync::{Arc, Weak};

/// Up to this size a webhook is read between two others; a larger one has a thread of its own meanwhile.
const QUICK: usize = 256 << 10;

/// Stores webhooks in the history of a workspace and tells whoever listens to the app.
pub(crate) struct WebhookInbox {
    open: Arc<OpenWorkspace>,
    clerk: Clerk,
    app: Weak<App>,
}

impl WebhookInbox {
    /// The inbox of the open workspace. The history is opened with the first webhook.
    pub(crate) fn new(app: &Arc<App>, open: &Arc<OpenWorkspace>) -> std::io::Result<Self> {
        let listener = Arc::downgrade(app);
        let tell = Arc::downgrade(app);
        let clerk = Clerk::hire(Arc::clone(open), move |news| announce(&tell, news))?;
        Ok(Self { open: Arc::clone(open), clerk, app: listener })
    }

    async fn store(&self, webhook: Received) -> Result<String, NotStored> {
        let is_quick = webhook.request.body.len() <= QUICK;
        let open = Arc::clone(&self.open);
        let read = move || Delivery::of(&open, &webhook);
        let delivery = if is_quick { read() } else { tokio::task::spawn_blocking(read).await.map_err(not_stored)? };
        self.clerk.store(delivery.map_err(|error| NotStored(error.message.into()))?).await
    }
}

fn not_stored(error: impl std::error::Error + Send + Sync + 'static) -> NotStored {
    NotStored(Box::new(error))
}

impl Inbox for WebhookInbox {
    fn receive(&self, webhook: Received) -> BoxFuture<'_, Result<String, NotStored>> {
        Box::pin(async move {
            let place = format!("{} {}", webhook.request.method, sealing::without_query(&webhook.request.url));
            let stored = self.store(webhook).await;
            if let (Err(error), Some(app)) = (&stored, self.app.upgrade()) {
                app.emit(AppEvent::WebhookRefused(InboxRefusal { request: place, message: error.0.to_string() }));
            }
            stored
        })
    }

    fn report(&self, reports: Vec<Report>) -> BoxFuture<'_, ()> {
        self.clerk.complete(reports);
        Box::pin(std::future::ready(()))
    }
}

fn announce(app: &Weak<App>, news: News<'_>) {
    let Some(app) = app.upgrade() else { return };
    app.emit(match news {
        News::Received(trace) => AppEvent::WebhookReceived(Box::new(delivery::wire(trace))),
        News::Answered(trace) => AppEvent::WebhookAnswered(Box::new(delivery::wire(trace))),
    });
}
