//! The one error that crosses to a window, a bridge or a terminal, with its closed set of codes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of thing went wrong. Closed: add one only when somebody will tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub enum ErrorCode {
    /// There is no workspace at that path.
    #[serde(rename = "workspace.not_found")]
    WorkspaceNotFound,
    /// A file of the workspace cannot be read as what it should be.
    #[serde(rename = "workspace.broken_file")]
    WorkspaceBrokenFile,
    /// A file changed on disk since it was read.
    #[serde(rename = "workspace.conflict")]
    WorkspaceConflict,
    /// A path that leaves the workspace, or is no path.
    #[serde(rename = "workspace.invalid_path")]
    WorkspaceInvalidPath,
    /// The disk refused: full, read-only, no permission.
    #[serde(rename = "workspace.storage")]
    WorkspaceStorage,
    /// Not a tenant id.
    #[serde(rename = "tenant.invalid_id")]
    TenantInvalidId,
    /// No tenant of that id.
    #[serde(rename = "tenant.unknown")]
    TenantUnknown,
    /// There is one of that id already.
    #[serde(rename = "tenant.exists")]
    TenantExists,
    /// Script names of one tenant would belong to another.
    #[serde(rename = "tenant.owns_another")]
    TenantOwnsAnother,
    /// Not an adapter id.
    #[serde(rename = "adapter.invalid_id")]
    AdapterInvalidId,
    /// No adapter of that id.
    #[serde(rename = "adapter.unknown")]
    AdapterUnknown,
    /// There is one of that id already.
    #[serde(rename = "adapter.exists")]
    AdapterExists,
    /// A source file or the bundle is over its limit.
    #[serde(rename = "adapter.too_large")]
    AdapterTooLarge,
    /// No template of that id.
    #[serde(rename = "template.unknown")]
    TemplateUnknown,
    /// What was to be imported cannot be.
    #[serde(rename = "import.unreadable")]
    ImportUnreadable,
    /// Lint found errors, the publish stopped.
    #[serde(rename = "lint.errors")]
    LintErrors,
    /// The code cannot be bundled.
    #[serde(rename = "bundle.failed")]
    BundleFailed,
    /// A required binding has no value.
    #[serde(rename = "binding.missing")]
    BindingMissing,
    /// The adapter declares no binding of that name.
    #[serde(rename = "binding.undeclared")]
    BindingUndeclared,
    /// Not a value that can be kept.
    #[serde(rename = "secret.invalid")]
    SecretInvalid,
    /// No secret of that name is set.
    #[serde(rename = "secret.unknown")]
    SecretUnknown,
    /// No secret store can be reached on this machine.
    #[serde(rename = "secret.no_keychain")]
    SecretNoKeychain,
    /// The secret store is locked or a prompt was dismissed.
    #[serde(rename = "secret.locked")]
    SecretLocked,
    /// The vault or its key cannot be read.
    #[serde(rename = "secret.vault_damaged")]
    SecretVaultDamaged,
    /// Another program listens on the port.
    #[serde(rename = "platform.port_in_use")]
    PlatformPortInUse,
    /// Another process runs the embedded platform of this workspace.
    #[serde(rename = "platform.already_running")]
    PlatformAlreadyRunning,
    /// The workerd binary cannot be found.
    #[serde(rename = "platform.runtime_missing")]
    PlatformRuntimeMissing,
    /// workerd did not start or ended.
    #[serde(rename = "platform.runtime_failed")]
    PlatformRuntimeFailed,
    /// The platform's store refused: disk full, read-only, damaged.
    #[serde(rename = "platform.storage")]
    PlatformStorage,
    /// The workspace does not say how to reach the target.
    #[serde(rename = "target.not_configured")]
    TargetNotConfigured,
    /// The target did not answer.
    #[serde(rename = "target.unreachable")]
    TargetUnreachable,
    /// The target refused the token.
    #[serde(rename = "target.unauthorized")]
    TargetUnauthorized,
    /// The dispatch namespace does not exist on the target.
    #[serde(rename = "target.namespace_missing")]
    TargetNamespaceMissing,
    /// The target could not start the script.
    #[serde(rename = "target.invalid_script")]
    TargetInvalidScript,
    /// The target refused for another reason.
    #[serde(rename = "target.refused")]
    TargetRefused,
    /// Somebody cancelled it.
    #[serde(rename = "publish.cancelled")]
    PublishCancelled,
    /// The smoke replay did not go well; the version that was live before is live again.
    #[serde(rename = "publish.smoke_failed")]
    PublishSmokeFailed,
    /// No kept version of that number.
    #[serde(rename = "version.unknown")]
    VersionUnknown,
    /// No sample of that name.
    #[serde(rename = "replay.unknown_sample")]
    ReplayUnknownSample,
    /// A sample that cannot be sent.
    #[serde(rename = "replay.invalid_sample")]
    ReplayInvalidSample,
    /// The secret that signs the sample is not set.
    #[serde(rename = "replay.no_signing_secret")]
    ReplayNoSigningSecret,
    /// No delivery of that id.
    #[serde(rename = "replay.unknown_delivery")]
    ReplayUnknownDelivery,
    /// Only the head of the delivery is kept.
    #[serde(rename = "replay.contents_dropped")]
    ReplayContentsDropped,
    /// A time, status or text to look for that is none.
    #[serde(rename = "replay.invalid_query")]
    ReplayInvalidQuery,
    /// The file of an export cannot be written.
    #[serde(rename = "replay.export")]
    ReplayExport,
    /// No run of that id.
    #[serde(rename = "replay.unknown_run")]
    ReplayUnknownRun,
    /// There is nothing to send.
    #[serde(rename = "replay.nothing_selected")]
    ReplayNothingSelected,
    /// A kept delivery cannot be sent again as it was.
    #[serde(rename = "replay.not_repeatable")]
    ReplayNotRepeatable,
    /// The delivery does not tell what its sample's replay gives.
    #[serde(rename = "replay.not_telling")]
    ReplayNotTelling,
    /// A webhook is larger than any platform takes.
    #[serde(rename = "replay.too_large")]
    ReplayTooLarge,
    /// The embedded platform can do that, a dispatcher elsewhere cannot.
    #[serde(rename = "replay.not_remote")]
    ReplayNotRemote,
    /// The delivery could not be made or recorded.
    #[serde(rename = "replay.failed")]
    ReplayFailed,
    /// The answer is not what was expected.
    #[serde(rename = "replay.differs")]
    ReplayDiffers,
    /// The history file cannot be read or written.
    #[serde(rename = "replay.history")]
    ReplayHistory,
    /// Not a URL or header that can be routed.
    #[serde(rename = "route.invalid")]
    RouteInvalid,
    /// A request that does not have the command's shape.
    #[serde(rename = "usage.malformed")]
    UsageMalformed,
    /// No command of that name.
    #[serde(rename = "usage.unknown_command")]
    UsageUnknownCommand,
    /// A bug of ours.
    #[serde(rename = "internal.bug")]
    InternalBug,
}

impl ErrorCode {
    /// `area.reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WorkspaceNotFound => "workspace.not_found",
            Self::WorkspaceBrokenFile => "workspace.broken_file",
            Self::WorkspaceConflict => "workspace.conflict",
            Self::WorkspaceInvalidPath => "workspace.invalid_path",
            Self::WorkspaceStorage => "workspace.storage",
            Self::TenantInvalidId => "tenant.invalid_id",
            Self::TenantUnknown => "tenant.unknown",
            Self::TenantExists => "tenant.exists",
            Self::TenantOwnsAnother => "tenant.owns_another",
            Self::AdapterInvalidId => "adapter.invalid_id",
            Self::AdapterUnknown => "adapter.unknown",
            Self::AdapterExists => "adapter.exists",
            Self::AdapterTooLarge => "adapter.too_large",
            Self::TemplateUnknown => "template.unknown",
            Self::ImportUnreadable => "import.unreadable",
            Self::LintErrors => "lint.errors",
            Self::BundleFailed => "bundle.failed",
            Self::BindingMissing => "binding.missing",
            Self::BindingUndeclared => "binding.undeclared",
            Self::SecretInvalid => "secret.invalid",
            Self::SecretUnknown => "secret.unknown",
            Self::SecretNoKeychain => "secret.no_keychain",
            Self::SecretLocked => "secret.locked",
            Self::SecretVaultDamaged => "secret.vault_damaged",
            Self::PlatformPortInUse => "platform.port_in_use",
            Self::PlatformAlreadyRunning => "platform.already_running",
            Self::PlatformRuntimeMissing => "platform.runtime_missing",
            Self::PlatformRuntimeFailed => "platform.runtime_failed",
            Self::PlatformStorage => "platform.storage",
            Self::TargetNotConfigured => "target.not_configured",
            Self::TargetUnreachable => "target.unreachable",
            Self::TargetUnauthorized => "target.unauthorized",
            Self::TargetNamespaceMissing => "target.namespace_missing",
            Self::TargetInvalidScript => "target.invalid_script",
            Self::TargetRefused => "target.refused",
            Self::PublishCancelled => "publish.cancelled",
            Self::PublishSmokeFailed => "publish.smoke_failed",
            Self::VersionUnknown => "version.unknown",
            Self::ReplayUnknownSample => "replay.unknown_sample",
            Self::ReplayInvalidSample => "replay.invalid_sample",
            Self::ReplayNoSigningSecret => "replay.no_signing_secret",
            Self::ReplayUnknownDelivery => "replay.unknown_delivery",
            Self::ReplayContentsDropped => "replay.contents_dropped",
            Self::ReplayInvalidQuery => "replay.invalid_query",
            Self::ReplayExport => "replay.export",
            Self::ReplayUnknownRun => "replay.unknown_run",
            Self::ReplayNothingSelected => "replay.nothing_selected",
            Self::ReplayNotRepeatable => "replay.not_repeatable",
            Self::ReplayNotTelling => "replay.not_telling",
            Self::ReplayTooLarge => "replay.too_large",
            Self::ReplayNotRemote => "replay.not_remote",
            Self::ReplayFailed => "replay.failed",
            Self::ReplayDiffers => "replay.differs",
            Self::ReplayHistory => "replay.history",
            Self::RouteInvalid => "route.invalid",
            Self::UsageMalformed => "usage.malformed",
            Self::UsageUnknownCommand => "usage.unknown_command",
            Self::InternalBug => "internal.bug",
        }
    }
}

/// An error as people and programs read it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct WireError {
    /// Its kind.
    pub code: ErrorCode,
    /// What went wrong, a sentence start without a full stop.
    pub message: String,
    /// What caused it, nearest first.
    pub causes: Vec<String>,
    /// What to do, most likely first.
    pub hints: Vec<String>,
}

impl WireError {
    /// An error from parts.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// Code, message and chain of an engine's error, with its hints.
    pub fn from_error<E: std::error::Error + patchbay_core::Hints>(code: ErrorCode, error: &E) -> Self {
        Self { code, message: error.to_string(), causes: causes_of(error), hints: error.hints() }
    }

    /// Adds a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Something that should not happen.
    pub fn internal(message: &str, error: &dyn std::error::Error) -> Self {
        let mut causes = vec![error.to_string()];
        causes.extend(causes_of(error));
        Self {
            code: ErrorCode::InternalBug,
            message: message.to_owned(),
            causes,
            hints: vec!["This is a bug in Patchbay; please report it with the steps that led here".into()],
        }
    }

    /// A payload that does not fit its command. The payload itself is not repeated: it may hold a secret.
    pub fn malformed_request(command: &str, error: &serde_json::Error) -> Self {
        Self::new(ErrorCode::UsageMalformed, format!("The request does not have the shape of `{command}`"))
            .with_hint(format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column()))
    }

    /// A command that is not in the table.
    pub fn unknown_command(command: &str) -> Self {
        let shown: String = command.chars().take(60).collect();
        Self::new(ErrorCode::UsageUnknownCommand, format!("There is no command `{shown}`"))
    }
}

fn causes_of(error: &dyn std::error::Error) -> Vec<String> {
    let mut causes = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    causes
}
