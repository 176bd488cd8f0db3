//! One test binary over the real parts.
