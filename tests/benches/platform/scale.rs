//! What many scripts cost: start, dispatch, memory, disk.

use super::platform::{Deployed, Platform};
use super::{figure, median, milliseconds};
use serde_json::json;
use std::path::Path;

/// Uploads scripts in steps and measures at each.
pub fn at_many_scripts() {
    let mut platform = Platform::new();
    let mut uploaded = 0;
    for scripts in [10, 100, 1_000, 10_000] {
        let running = platform.start();
        let took = milliseconds(|| {
            std::thread::scope(|scope| {
                for lane in 0..4 {
                    let running = &running;
                    scope.spawn(move || {
                        for number in (uploaded..scripts).filter(|number| number % 4 == lane) {
                            running.upload(&Deployed::numbered(number));
                        }
                    });
                }
            });
        });
        let each = took / f64::from(scripts - uploaded);
        uploaded = scripts;
        running.stop();
        // A clean start with everything on disk, up to the first answer of a script.
        let starts: Vec<f64> = (0..5)
            .map(|round| {
                let mut running = None;
                let took = milliseconds(|| {
                    let started = platform.start();
                    started.dispatch(&Deployed::numbered(round * (scripts - 1) / 4));
                    running = Some(started);
                });
                running.expect("it was started").stop();
                took
            })
            .collect();
        let running = platform.start();
        let target = Deployed::numbered(scripts / 2);
        running.dispatch(&target);
        let warm = median((0..300).map(|_| milliseconds(|| running.dispatch(&target))).collect());
        running.stop();
        figure(
            json!({ "bench": "stored_scripts", "scripts": scripts, "start_to_first_answer_ms": median(starts), "goal_ms": 300,
            "warm_dispatch_ms": warm, "upload_ms_each": each, "disk_kib_each": kib(&platform.state_folder()) / f64::from(scripts) }),
        );
    }
}

/// First answers of scripts: of many in their tenant's running process, whose memory is looked at afterwards, and of the
/// first one of a tenant, which waits for a process.
pub fn cold_and_memory() {
    let mut platform = Platform::new();
    let running = platform.start();
    let scripts = 100;
    for number in 0..scripts {
        running.upload(&Deployed::of("heavy", &number.to_string()));
    }
    running.dispatch(&Deployed::of("heavy", "0"));
    let before = running.children_kib();
    let cold: Vec<f64> = (1..scripts)
        .map(|number| milliseconds(|| running.dispatch(&Deployed::of("heavy", &number.to_string()))))
        .collect();
    let after = running.children_kib();
    figure(json!({ "bench": "cold_dispatch", "median_ms": median(cold), "rounds": scripts - 1 }));
    let tenants: Vec<Deployed> = (0..10).map(|number| Deployed::of(&format!("cold{number}"), "first")).collect();
    for script in &tenants {
        running.upload(script);
    }
    let started = tenants.iter().map(|script| milliseconds(|| running.dispatch(script))).collect();
    figure(json!({ "bench": "cold_tenant", "median_ms": median(started), "rounds": tenants.len() }));
    figure(json!({ "bench": "memory", "mib_per_loaded_script": (after - before) / 1024.0 / f64::from(scripts - 1),
        "children_mib_with_one_script": before / 1024.0 }));
    running.stop();
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files are far below 2^52")]
fn kib(folder: &Path) -> f64 {
    let size = |entry: std::fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => kib(&entry.path()),
        // A file may go while the folder is read.
        _ => entry.metadata().map_or(0.0, |file| file.len() as f64 / 1024.0),
    };
    std::fs::read_dir(folder).map_or(0.0, |entries| entries.flatten().map(size).sum())
}
