//! `patchbay sample sign`: the request that a replay would send, on stdout.

use crate::Verdict;
use crate::args::SampleSignArguments;
use crate::printer::Printer;
use crate::session::{Session, adapter_key};
use patchbay_app::handlers::sample::sample_sign;
use patchbay_app::raw_request;
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::sample::SampleSignRequest;

pub async fn run(session: &Session, arguments: SampleSignArguments) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let request = SampleSignRequest {
        tenant: key.tenant,
        adapter: key.adapter,
        sample: arguments.sample,
        environment: arguments.env,
        url: arguments.url,
    };
    let signed = sample_sign(session.app(), request).await?;
    let printer = session.printer();
    if printer.is_json() {
        printer.answer(&signed, "");
    } else {
        Printer::bytes(&raw_request::write(&signed.request)?);
        printer.say(&format!("\n{}", signed.signing));
    }
    Ok(Verdict::Held)
}
