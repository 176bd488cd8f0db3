//! Which code each engine error has. No `_` arm: a new variant does not compile before somebody decided.

use crate::wire::error::{ErrorCode, WireError};
use patchbay_bundle::BundleError;
use patchbay_cloudflare::CloudflareError;
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_core::ids::IdError;
use patchbay_lint::LintError;
use patchbay_platform::PlatformError;
use patchbay_replay::ReplayError;
use patchbay_replay::load::LoadError;
use patchbay_secrets::SecretsError;
use patchbay_templates::TemplateError;
use patchbay_webhooks::documents::DocumentError;
use patchbay_webhooks::{SenderError, WebhookError};
use patchbay_workspace::WorkspaceError;

/// The wire error for an id that was refused.
pub fn id_error(error: &IdError) -> WireError {
    let code = match error {
        IdError::Empty { kind } | IdError::TooLong { kind, .. } | IdError::Grammar { kind, .. } => {
            if *kind == "adapter" { ErrorCode::AdapterInvalidId } else { ErrorCode::TenantInvalidId }
        }
        IdError::NotAnAdapterReference { .. } => ErrorCode::AdapterInvalidId,
        IdError::OwnsAnother { .. } => ErrorCode::TenantOwnsAnother,
    };
    WireError::from_error(code, error)
}

impl From<IdError> for WireError {
    fn from(error: IdError) -> Self {
        id_error(&error)
    }
}

impl From<WorkspaceError> for WireError {
    fn from(error: WorkspaceError) -> Self {
        use WorkspaceError as E;
        let code = match &error {
            E::Id(inner) => return id_error(inner),
            E::NotAWorkspace { .. } | E::AlreadyAWorkspace { .. } => ErrorCode::WorkspaceNotFound,
            E::Broken { .. } | E::NotText { .. } => ErrorCode::WorkspaceBrokenFile,
            E::NoNamespace { .. } => ErrorCode::TargetNotConfigured,
            E::UnknownRegion { .. } | E::UnknownSetting { .. } | E::InvalidSetting { .. } => ErrorCode::UsageMalformed,
            E::TenantMissing { .. } => ErrorCode::TenantUnknown,
            E::TenantExists { .. } => ErrorCode::TenantExists,
            E::AdapterMissing { .. } => ErrorCode::AdapterUnknown,
            E::AdapterExists { .. } => ErrorCode::AdapterExists,
            E::FileMissing { .. } | E::PathRefused { .. } => ErrorCode::WorkspaceInvalidPath,
            E::SampleMissing { .. } => ErrorCode::ReplayUnknownSample,
            E::VersionMissing { .. } => ErrorCode::VersionUnknown,
            E::TooLarge { .. } | E::TooMuch { .. } => ErrorCode::AdapterTooLarge,
            E::Changed { .. } => ErrorCode::WorkspaceConflict,
            E::SecretInRecord { .. } | E::Unwritable { .. } => ErrorCode::InternalBug,
            E::NothingToImport { .. } | E::EntryUnclear { .. } | E::ImportOutside { .. } => ErrorCode::ImportUnreadable,
            E::Busy { .. } | E::DiskFull { .. } | E::ReadOnly { .. } | E::Permission { .. } | E::File { .. } => {
                ErrorCode::WorkspaceStorage
            }
        };
        Self::from_error(code, &error)
    }
}

impl From<SecretsError> for WireError {
    fn from(error: SecretsError) -> Self {
        use SecretsError as E;
        let code = match &error {
            E::NoSessionBus { .. } | E::NoProvider { .. } | E::Timeout { .. } | E::Keychain { .. } => {
                ErrorCode::SecretNoKeychain
            }
            E::Locked { .. } => ErrorCode::SecretLocked,
            E::KeyUnreadable { .. }
            | E::KeyMissing { .. }
            | E::WrongKey { .. }
            | E::WrongPassphrase { .. }
            | E::Damaged { .. }
            | E::NewerFormat { .. } => ErrorCode::SecretVaultDamaged,
            E::PassphraseTooShort { .. } | E::EmptyValue { .. } | E::ValueTooLong { .. } | E::InvalidName { .. } => {
                ErrorCode::SecretInvalid
            }
            E::InvalidPurpose { .. } | E::NoRandomness { .. } => ErrorCode::InternalBug,
            E::Busy { .. } | E::DiskFull { .. } | E::ReadOnly { .. } | E::Permission { .. } | E::File { .. } => {
                ErrorCode::WorkspaceStorage
            }
        };
        let offers_passphrase = error.is_keychain_unavailable();
        let wire = Self::from_error(code, &error);
        if offers_passphrase {
            wire.with_hint(
                "To use a passphrase, give every command --passphrase-file FILE (or PATCHBAY_PASSPHRASE_FILE)",
            )
        } else {
            wire
        }
    }
}

impl From<WebhookError> for WireError {
    fn from(error: WebhookError) -> Self {
        let code = match &error {
            WebhookError::SigningSecret { .. } => ErrorCode::SecretInvalid,
            WebhookError::RawWithoutText { .. }
            | WebhookError::SignatureInsideSigned { .. }
            | WebhookError::Path { .. } => ErrorCode::ReplayInvalidSample,
        };
        Self::from_error(code, &error)
    }
}

impl From<SenderError> for WireError {
    fn from(error: SenderError) -> Self {
        let code = match error {
            SenderError::Webhook(inner) => return inner.into(),
            SenderError::UnknownBehaviour { .. } | SenderError::StaleSeconds { .. } => ErrorCode::UsageMalformed,
            SenderError::UnknownProvider { .. }
            | SenderError::NothingAges { .. }
            | SenderError::FixedTime { .. }
            | SenderError::NothingProven { .. } => ErrorCode::ReplayInvalidSample,
        };
        Self::from_error(code, &error)
    }
}

impl From<DocumentError> for WireError {
    fn from(error: DocumentError) -> Self {
        let code = match &error {
            DocumentError::NotText | DocumentError::NotJson { .. } | DocumentError::NotAnObject => {
                ErrorCode::ReplayInvalidSample
            }
        };
        Self::from_error(code, &error)
    }
}

impl From<CloudflareError> for WireError {
    fn from(error: CloudflareError) -> Self {
        use CloudflareError as E;
        let code = match &error {
            E::BaseUrl { .. } | E::TokenCharacters => ErrorCode::TargetNotConfigured,
            E::Setup { .. } => ErrorCode::InternalBug,
            E::Connect { .. } | E::Timeout { .. } | E::Interrupted { .. } => ErrorCode::TargetUnreachable,
            E::Name { .. }
            | E::Html { .. }
            | E::Empty { .. }
            | E::Malformed { .. }
            | E::UnexpectedResult { .. }
            | E::Content { .. } => ErrorCode::TargetRefused,
            E::Refused(refusal) => match refusal.api_code() {
                Some(ApiCode::NamespaceNotFound) => ErrorCode::TargetNamespaceMissing,
                Some(ApiCode::Authentication | ApiCode::CredentialsMissing | ApiCode::InvalidHeaders) => {
                    ErrorCode::TargetUnauthorized
                }
                Some(ApiCode::Validation | ApiCode::CannotParseCode | ApiCode::NoHandlers) => {
                    ErrorCode::TargetInvalidScript
                }
                _ => ErrorCode::TargetRefused,
            },
        };
        let mut wire = Self::from_error(code, &error);
        if let Some(refusal) = error.refusal() {
            wire.causes.extend(refusal.causes());
        }
        wire
    }
}

impl From<ReplayError> for WireError {
    fn from(error: ReplayError) -> Self {
        use ReplayError as E;
        let code = match &error {
            E::Header { .. } | E::Method { .. } => ErrorCode::ReplayInvalidSample,
            E::Url { .. } => ErrorCode::RouteInvalid,
            E::Setup { .. } => ErrorCode::InternalBug,
            E::DispatcherUnreachable { .. } | E::PlatformUnreachable { .. } => ErrorCode::TargetUnreachable,
            E::PlatformRefused { status: 401 | 403, .. } => ErrorCode::TargetUnauthorized,
            E::PlatformRefused { code: Some(10021), .. } => ErrorCode::TargetInvalidScript,
            E::PlatformRefused { code: Some(100_119), .. } => ErrorCode::TargetNamespaceMissing,
            E::PlatformRefused { .. } | E::PlatformAnswer { .. } | E::TailLine { .. } => ErrorCode::ReplayFailed,
            E::HistoryFile { .. }
            | E::History { .. }
            | E::HistoryDatabase(_)
            | E::HistoryHeld
            | E::StoredTrace { .. }
            | E::StoredBytes { .. } => ErrorCode::ReplayHistory,
            E::UnknownDelivery { .. } => ErrorCode::ReplayUnknownDelivery,
            E::Moment { .. } | E::StatusFilter { .. } | E::NoWords { .. } | E::ShortStart { .. } => {
                ErrorCode::ReplayInvalidQuery
            }
            E::Export { .. } | E::ExportFile { .. } => ErrorCode::ReplayExport,
        };
        Self::from_error(code, &error)
    }
}

impl From<LoadError> for WireError {
    fn from(error: LoadError) -> Self {
        use LoadError as E;
        let code = match &error {
            E::NoDeliveries
            | E::Concurrency { .. }
            | E::Rate { .. }
            | E::Seconds { .. }
            | E::RampBeyondEnd { .. }
            | E::Weight { .. } => ErrorCode::UsageMalformed,
            E::NoWebhooks => ErrorCode::ReplayUnknownSample,
            E::Url { .. } => ErrorCode::RouteInvalid,
            E::Address { .. } | E::Unreachable { .. } => ErrorCode::TargetUnreachable,
            E::Unsendable { .. } | E::Sign { .. } => ErrorCode::ReplayInvalidSample,
            E::Start { .. } | E::Ended => ErrorCode::InternalBug,
        };
        Self::from_error(code, &error)
    }
}

impl From<BundleError> for WireError {
    fn from(error: BundleError) -> Self {
        use BundleError as E;
        let code = match &error {
            E::TooLarge { .. } | E::TooMuchSource { .. } => ErrorCode::AdapterTooLarge,
            E::EntryMissing { .. }
            | E::LeavesFolder { .. }
            | E::Unreadable { .. }
            | E::NotUtf8 { .. }
            | E::NestsTooDeep { .. }
            | E::Syntax { .. }
            | E::Unresolved { .. }
            | E::Build { .. } => ErrorCode::BundleFailed,
            E::SourceMap { .. } | E::Internal { .. } => ErrorCode::InternalBug,
        };
        Self::from_error(code, &error)
    }
}

impl From<TemplateError> for WireError {
    fn from(error: TemplateError) -> Self {
        let code = match &error {
            TemplateError::Unknown { .. } => ErrorCode::TemplateUnknown,
            TemplateError::UnknownRoutesPreset { .. } => ErrorCode::RouteInvalid,
        };
        Self::from_error(code, &error)
    }
}

impl From<LintError> for WireError {
    fn from(error: LintError) -> Self {
        let code = match &error {
            LintError::Thread { .. } | LintError::Internal { .. } => ErrorCode::InternalBug,
        };
        Self::from_error(code, &error)
    }
}

impl From<PlatformError> for WireError {
    fn from(error: PlatformError) -> Self {
        use PlatformError as E;
        let code = match &error {
            E::AlreadyRunning { .. } => ErrorCode::PlatformAlreadyRunning,
            E::PortInUse { .. } | E::Listen { .. } | E::NotLoopback { .. } => ErrorCode::PlatformPortInUse,
            E::RuntimeMissing { .. } => ErrorCode::PlatformRuntimeMissing,
            E::RuntimeSpawn { .. }
            | E::RuntimeDied { .. }
            | E::RuntimeSilent { .. }
            | E::RuntimeLost { .. }
            | E::TooManyTenants { .. } => ErrorCode::PlatformRuntimeFailed,
            E::File { .. }
            | E::DiskFull { .. }
            | E::ReadOnly { .. }
            | E::Database(_)
            | E::Unreadable { .. }
            | E::WrongSealingKey => ErrorCode::PlatformStorage,
            E::WorkerWithoutModule { .. } | E::TaskEnded => ErrorCode::InternalBug,
        };
        Self::from_error(code, &error)
    }
}
