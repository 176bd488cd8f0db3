//! `patchbay publish`.

use clap::Args;
use patchbay_app::wire::publish::LintAllowance;

#[derive(Debug, Args)]
pub struct PublishArguments {
    /// TENANT/ADAPTER.
    pub adapter: String,
    /// production, staging or development.
    #[arg(long, visible_alias = "environment", default_value = "production", value_name = "E")]
    pub env: String,
    /// Where it goes.
    #[arg(long, default_value = "local", value_name = "T")]
    pub target: String,
    /// What to remember about this version.
    #[arg(long)]
    pub note: Option<String>,
    /// Publish although this lint rule finds errors; the reason is kept with the version. May be given several times.
    #[arg(long, value_name = "RULE=REASON", value_parser = allowance)]
    pub allow: Vec<LintAllowance>,
}

/// The text is not `RULE=REASON`.
#[derive(Debug, thiserror::Error)]
enum AllowanceError {
    #[error("write RULE=REASON; an allowance needs a reason")]
    NoReason,
    #[error("an allowance needs a reason behind the `=`")]
    EmptyReason,
}

fn allowance(text: &str) -> Result<LintAllowance, AllowanceError> {
    let (rule, reason) = text.split_once('=').ok_or(AllowanceError::NoReason)?;
    if reason.trim().is_empty() {
        return Err(AllowanceError::EmptyReason);
    }
    Ok(LintAllowance { rule: rule.trim().to_owned(), reason: reason.trim().to_owned() })
}
