//! One test binary over the real parts: the built `patchbay`, the real `workerd`, a real Secret Service.

mod architecture;
mod bad_input;
mod canary;
mod command_line;
mod durability;
mod history;
mod hostile;
mod hosts;
mod import;
mod inbox;
mod lifecycle;
mod load;
mod machine;
mod main_job;
mod mapping;
mod outbound;
mod presets;
mod providers;
mod resilience;
mod runs;
mod secrets;
mod sharing;
mod tail;
mod templates;
mod traces;
mod upstreams;
