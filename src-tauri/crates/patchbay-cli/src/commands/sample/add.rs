//! `patchbay sample add`

use crate::Verdict;
use crate::args::SampleAddArguments;
use crate::session::{Session, adapter_key};
use patchbay_app::handlers::sample::sample_add;
use patchbay_app::wire::error::{ErrorCode, WireError};
use patchbay_app::wire::sample::SampleAddRequest;
use std::io::Read as _;
use std::path::Path;

/// Far beyond what any sender sends.
const LONGEST: u64 = 32 << 20;

pub async fn run(session: &Session, arguments: SampleAddArguments) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let text = match &arguments.from {
        Some(_) => None,
        None => Some(read(arguments.file.as_deref())?),
    };
    let request = SampleAddRequest {
        tenant: key.tenant,
        adapter: key.adapter,
        name: arguments.name,
        catalogue: arguments.from,
        text,
        replace: arguments.replace,
    };
    let added = sample_add(session.app(), request).await?;
    let printer = session.printer();
    printer.answer(&added, &added.name);
    printer.say(&format!("Added the sample {}: {} of {}", added.name, added.event, added.provider));
    if !added.left_out.is_empty() {
        printer.say(&format!("  left out, because they carry credentials: {}", added.left_out.join(", ")));
    }
    for remark in &added.remarks {
        printer.say(&format!("  {remark}"));
    }
    Ok(Verdict::Held)
}

fn read(file: Option<&Path>) -> Result<String, WireError> {
    let mut text = String::new();
    let (what, read) = match file {
        None => ("stdin".to_owned(), std::io::stdin().lock().take(LONGEST).read_to_string(&mut text)),
        Some(path) => (
            path.display().to_string(),
            std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text)),
        ),
    };
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(WireError::new(ErrorCode::ReplayInvalidSample, format!("{what} cannot be read: {error}"))
            .with_hint("Give a curl command, a raw HTTP request or a HAR as UTF-8 text")),
    }
}
