//! Keeps deliveries one after the other: `append_deliveries FILE NAME < TRACE`. Says the id of each when it is kept, and goes
//! on until it is killed. The tests kill it.
#![expect(clippy::print_stdout, reason = "the ids are the output")]

use patchbay_replay::{History, Retention, Trace};
use std::error::Error;
use std::path::Path;
use time::OffsetDateTime;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, name] = arguments.as_slice() else { return Err("give FILE and NAME".into()) };
    let trace: Trace = serde_json::from_reader(std::io::stdin())?;
    // Contents are dropped on the way, so that this is interrupted as well.
    let keep = Retention { content_bytes: 20_000, ..Retention::default() };
    let history = History::open_keeping(Path::new(file), keep)?;
    for number in 0_u64.. {
        let id = format!("{name}-{number}");
        let mut received = Trace { id: id.clone(), started: OffsetDateTime::now_utc(), ..trace.clone() };
        received.run = Some(name.clone());
        history.begin(&Trace { response: None, ..received.clone() })?;
        history.append(&received)?;
        println!("{id}");
    }
    Ok(())
}
