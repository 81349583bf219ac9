//! Answers that others than nginx are told to store.

use super::{Setting, Site};
use crate::nginx::NodeId;

impl Site<'_> {
    /// The `expires` that takes the place of a server's `no-store`, where one says that answers may be kept.
    pub fn lets_others_store(&self, location: NodeId) -> Option<NodeId> {
        let Setting::Written(line) = self.setting(location, "expires") else {
            return None;
        };
        let value = self.config.arguments(line).last()?;
        let keeps_out = matches!(value, "off" | "epoch" | "0") || value.starts_with(['-', '$']);
        (!keeps_out).then_some(line)
    }
}
