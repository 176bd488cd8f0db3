//! patchbay-replay
