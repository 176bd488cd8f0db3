//! `patchbay templates`

use crate::Verdict;
use crate::session::Session;
use patchbay_app::handlers::template::template_list;
use patchbay_app::wire::error::WireError;
use std::fmt::Write as _;

pub async fn run(session: &Session) -> Result<Verdict, WireError> {
    let list = template_list(session.app(), ()).await?;
    let mut text = String::new();
    for template in &list.templates {
        let _ = writeln!(text, "{:<24} {}", template.id, template.description);
        let _ = writeln!(text, "{:<24} needs {}", "", template.needs.join(", "));
    }
    session.printer().answer(&list, &text);
    Ok(Verdict::Held)
}
