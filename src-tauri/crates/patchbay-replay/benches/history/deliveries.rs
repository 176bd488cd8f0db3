//! Deliveries as a year of webhooks leaves them: some tenants large, some small, few failures, ids that differ.

use crate::support;
use patchbay_replay::Trace;
use time::Duration;
use time::macros::datetime;

/// Tenants; the first one has half of the deliveries, the second a quarter, ….
pub const TENANTS: u64 = 12;
/// Deliveries of a run.
pub const RUN: u64 = 250;

/// A number that looks like chance and is the same in every run of the benchmark.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

pub fn tenant(number: u64) -> String {
    format!("customer-{}", u64::from(mixed(number).trailing_zeros()).min(TENANTS - 1))
}

pub fn event(number: u64) -> String {
    format!("Ev{:09X}", mixed(number) >> 28)
}

/// The delivery with a number: 8 % answer 4xx, 1 % 5xx, 0.1 % nothing; one in 100,000 says `quetzal`.
pub fn delivery(number: u64) -> Trace {
    let chance = mixed(number ^ 0xabcd) % 1000;
    let mut trace = if chance == 0 { support::failed() } else { support::trace() };
    let status = match chance {
        1..=10 => 502,
        11..=90 => 422,
        _ => 200,
    };
    if let Some(response) = &mut trace.response {
        response.status = status;
        response.body = support::body(&format!("{{\"status\":\"created\",\"page_id\":\"{}\"}}", uuid(number)));
    }
    trace.id = uuid(number ^ 0x5555).replace('-', "");
    trace.tenant = tenant(number);
    trace.adapter = format!("orders-{}", mixed(number) % 3);
    trace.run = Some(format!("run-{:032x}", number / RUN));
    trace.event_id = Some(event(number));
    // A run of deliveries some 20 ms apart every few minutes.
    let gap = (number / RUN) * 180_000 + (number % RUN) * 20;
    trace.started = datetime!(2025-11-21 08:00 UTC) + Duration::milliseconds(i64::try_from(gap).unwrap_or_default());
    let word = if number % 100_000 == 77_777 { "quetzal" } else { "paper" };
    trace.request.body = support::body(&format!(
        "{{\"type\":\"event_callback\",\"event_id\":\"{}\",\"event\":{{\"type\":\"message\",\"user\":\"U{:08X}\",\
         \"text\":\"Order {} of {word} for warehouse {} is ready\",\"ts\":\"17{:08}.{:06}\",\"channel\":\"C{:03}\"}}}}",
        event(number),
        mixed(number) >> 32,
        number,
        mixed(number) % 40,
        number % 100_000_000,
        mixed(number) % 1_000_000,
        mixed(number) % 300,
    ));
    if let Some(call) = trace.outbound.last_mut() {
        call.request.body = support::body(&format!(
            "{{\"parent\":{{\"data_source_id\":\"{}\"}},\"properties\":{{\"Title\":\"Order {number}\",\"Amount\":{}}}}}",
            uuid(mixed(number) % 50),
            mixed(number) % 100_000,
        ));
        call.response.body = support::body(&format!("{{\"object\":\"page\",\"id\":\"{}\"}}", uuid(number)));
    }
    trace
}

fn uuid(number: u64) -> String {
    let (high, low) = (mixed(number), mixed(number ^ 0xffff_0000));
    format!("{:08x}-{:04x}-7{:03x}-8{:03x}-{:012x}", high >> 32, high & 0xffff, low >> 52, low & 0xfff, low >> 16)
}
