//! Exit codes (DESIGN: 0 done; 1 the user's input or check failed; 2 usage; 3 the target could not be reached or
//! refused; 70 a bug of ours).

use patchbay_app::wire::error::ErrorCode;

/// The exit code for an error.
pub fn code_of(error: ErrorCode) -> u8 {
    match error {
        ErrorCode::TargetNotConfigured
        | ErrorCode::TargetUnreachable
        | ErrorCode::TargetUnauthorized
        | ErrorCode::TargetNamespaceMissing
        | ErrorCode::TargetRefused
        | ErrorCode::PlatformPortInUse
        | ErrorCode::PlatformAlreadyRunning
        | ErrorCode::PlatformRuntimeMissing
        | ErrorCode::PlatformRuntimeFailed
        | ErrorCode::PlatformStorage => 3,
        ErrorCode::UsageMalformed | ErrorCode::UsageUnknownCommand | ErrorCode::ReplayInvalidQuery => 2,
        ErrorCode::InternalBug => 70,
        _ => 1,
    }
}
