//! `patchbay doctor`

use crate::Verdict;
use crate::args::DoctorArguments;
use crate::session::Session;
use patchbay_app::doctor::{CheckState, examine};
use patchbay_app::wire::error::{ErrorCode, WireError};
use std::fmt::Write as _;

pub async fn run(session: &Session, arguments: &DoctorArguments) -> Result<Verdict, WireError> {
    let mut checks = examine(session.app(), session.given_workspace()).await;
    if let Some(name) = &arguments.check {
        let known: Vec<&str> = checks.iter().map(|check| check.name).collect();
        if !known.contains(&name.as_str()) {
            return Err(WireError::new(ErrorCode::UsageMalformed, format!("There is no check `{name}`"))
                .with_hint(format!("The checks are {}", known.join(", "))));
        }
        checks.retain(|check| check.name == name.as_str());
    }
    let mut text = String::new();
    for check in &checks {
        let mark = match check.state {
            CheckState::Good => "✓",
            CheckState::Optional => "–",
            CheckState::Missing => "✗",
        };
        let _ = writeln!(text, "{mark} {:<14} {}", check.name, check.found);
        for hint in &check.hints {
            let _ = writeln!(text, "{:17}{hint}", "");
        }
    }
    session.printer().answer(&checks, &text);
    let all_good = checks.iter().all(|check| check.state != CheckState::Missing);
    Ok(if all_good { Verdict::Held } else { Verdict::DidNotHold })
}
