//! Which process goes when there is no room for another.

use super::Runtime;
use std::sync::Arc;

impl Runtime {
    /// Lets the process go that has been idle for longest.
    pub(super) fn make_room(self: &Arc<Self>) {
        if let Some(member) = self.pool.current().into_iter().min_by_key(|member| member.serial) {
            self.retire(&member);
        }
    }
}
