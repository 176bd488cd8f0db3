//! `patchbay deliveries`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum DeliveriesCommand {
    /// Newest deliveries first.
    List {
        /// Only those of TENANT or TENANT/ADAPTER.
        scope: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Show one delivery.
    Show {
        /// Delivery id.
        delivery: String,
    },
}
