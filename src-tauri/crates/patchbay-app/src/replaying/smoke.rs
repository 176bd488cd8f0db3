//! The replay that a publish ends with.

use crate::wire::error::{ErrorCode, WireError};
use patchbay_replay::Trace;

/// Whether a smoke replay went well: an answer below 500, no exception.
pub(crate) fn check_smoke(trace: &Trace) -> Result<(), WireError> {
    let failed = |message: String| {
        WireError::new(ErrorCode::PublishSmokeFailed, message)
            .with_hint(format!("`patchbay deliveries show {}` shows the whole trace", trace.id))
    };
    let exception = trace.adapter_run.as_ref().and_then(|run| run.exceptions.first());
    if let Some(exception) = exception {
        let at = exception
            .frames
            .first()
            .map_or(String::new(), |frame| format!(" at {}:{}:{}", frame.file, frame.line, frame.column));
        let mut error = failed(format!("The smoke replay threw {}: {}{at}", exception.name, exception.message));
        error.causes.push(exception.stack.clone());
        return Err(error);
    }
    match &trace.response {
        None => Err(failed(format!(
            "The smoke replay got no answer: {}",
            trace.no_answer.as_deref().unwrap_or("the connection ended")
        ))),
        Some(response) if response.status >= 500 => {
            let mut error = failed(format!("The smoke replay was answered with {}", response.status));
            error.causes.push(response.body.text.chars().take(500).collect());
            Err(error)
        }
        Some(_) => Ok(()),
    }
}

/// The answer's status, for people.
pub(crate) fn status(trace: &Trace) -> String {
    trace.response.as_ref().map_or_else(|| "nothing".into(), |response| response.status.to_string())
}
