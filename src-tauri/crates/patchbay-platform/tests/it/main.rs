//! The platform over the real runtime, each test with a folder and ports of its own.

mod dispatch;
mod support;
