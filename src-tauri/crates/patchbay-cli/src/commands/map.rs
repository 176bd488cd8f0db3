//! `patchbay map preview`

use crate::Verdict;
use crate::args::{MapCommand, MapPreviewArguments};
use crate::session::{Session, adapter_key};
use patchbay_app::handlers::mapping::mapping_preview;
use patchbay_app::wire::error::{ErrorCode, WireError};
use patchbay_app::wire::mapping::{MappedEvent, MappedField, MappingPreview, MappingPreviewRequest};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

/// Characters of a value that are shown in the table.
const WIDEST: usize = 100;
/// Largest body that is read, in bytes.
const LARGEST: u64 = 20_000_000;

pub async fn run(session: &Session, command: MapCommand) -> Result<Verdict, WireError> {
    match command {
        MapCommand::Preview(arguments) => preview(session, arguments).await,
    }
}

async fn preview(session: &Session, arguments: MapPreviewArguments) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let body = arguments.file.as_deref().map(read).transpose()?;
    let (tenant, adapter) = (key.tenant, key.adapter);
    let request = MappingPreviewRequest { tenant, adapter, sample: arguments.sample, body, manifest: None };
    let preview = mapping_preview(session.app(), request).await?;
    session.printer().answer(&preview, &text(&preview, &arguments.adapter));
    Ok(if preview.problems == 0 { Verdict::Held } else { Verdict::DidNotHold })
}

fn read(file: &Path) -> Result<String, WireError> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(LARGEST).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(LARGEST).read_to_string(&mut text))
    };
    read.map_err(|error| {
        WireError::new(ErrorCode::ReplayInvalidSample, format!("{} cannot be read: {error}", file.display()))
            .with_hint("Give the body of a webhook as UTF-8 text, in a file or on stdin")
    })?;
    Ok(text)
}

fn text(preview: &MappingPreview, adapter: &str) -> String {
    let mut text = String::new();
    if let Some(sample) = &preview.sample {
        let _ = writeln!(text, "sample {sample}");
        if preview.ends_before {
            text.push_str("Its expectation says that the adapter is done with it before the mapping.\n");
        }
    }
    for (index, event) in preview.events.iter().enumerate() {
        if preview.events.len() > 1 {
            let _ = writeln!(text, "event {}", index + 1);
        }
        text.push_str(&table(event));
    }
    if preview.events.iter().all(|event| event.fields.is_empty()) {
        let _ = writeln!(text, "adapter.toml of {adapter} has no [mapping]");
    }
    text
}

fn table(event: &MappedEvent) -> String {
    let width = |of: fn(&MappedField) -> &str| {
        event.fields.iter().map(|field| of(field).chars().count()).max().unwrap_or_default()
    };
    let kind = |field: &MappedField| field.kind.clone().unwrap_or_default();
    let (field_width, kind_width) =
        (width(|field| &field.field), width(|field| field.kind.as_deref().unwrap_or_default()));
    let mut text = String::new();
    for field in &event.fields {
        let mark = if field.problem.is_some() { "✗" } else { " " };
        let row = format!("{mark} {:<field_width$}  {:<kind_width$}  {}", field.field, kind(field), shown(field));
        let _ = writeln!(text, "{}", row.trim_end());
        if let Some(problem) = &field.problem {
            let place = format!("adapter.toml:{}:{}", problem.range.start_line, problem.range.start_column);
            let _ = writeln!(text, "    {place}: {}", problem.message);
        }
    }
    text
}

/// A value on one line: texts as they are, everything else as JSON.
fn shown(field: &MappedField) -> String {
    let text = match &field.value {
        None => return String::new(),
        Some(_) if field.is_empty => return "– (empty, left out)".into(),
        // What a sender wrote must not steer the terminal.
        Some(Value::String(text)) => text.replace(char::is_control, " "),
        Some(value) => value.to_string(),
    };
    let default = if field.is_default { " (default)" } else { "" };
    if text.chars().count() <= WIDEST {
        return format!("{text}{default}");
    }
    format!("{}…{default}", text.chars().take(WIDEST - 1).collect::<String>())
}
