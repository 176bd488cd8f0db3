//! The platform over the real runtime, each test with a folder and ports of its own.

mod alarms;
mod api;
mod assets;
mod bindings;
mod buckets;
mod caches;
mod concurrency;
mod contract;
mod deliveries;
mod disks;
mod dispatch;
mod door;
mod durability;
mod entrypoints;
mod limits;
mod pace;
mod passing;
mod processes;
mod recovery;
mod schema;
mod service_workers;
mod support;
mod throttle;
mod upgrades;
mod uploads;
mod ways_out;
