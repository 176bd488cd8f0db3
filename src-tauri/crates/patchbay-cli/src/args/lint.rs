//! `patchbay lint`.

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LintFormat {
    Text,
    Json,
    Sarif,
    Github,
}

#[derive(Debug, Args)]
pub struct LintArguments {
    /// TENANT/ADAPTER or files; every adapter of the workspace when absent.
    pub targets: Vec<String>,
    /// How to print the findings.
    #[arg(long, value_enum, default_value = "text")]
    pub format: LintFormat,
    /// Apply the fixes that are safe.
    #[arg(long)]
    pub fix: bool,
    /// List the rules instead.
    #[arg(long, conflicts_with_all = ["targets", "fix", "format"])]
    pub rules: bool,
}
