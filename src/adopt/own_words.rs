//! What sioway itself wrote beside settings that no field holds.
//!
//! Whoever adopts what sioway rendered earlier gets back what its comments say. The templates are the reference; the
//! tests render and adopt.

use crate::kube::Object;

/// Above the location of session traffic.
const LOCATION: &str = "# Socket.IO. ^~ keeps a regular expression from taking it.";

/// Whether the lines above a place of an nginx configuration call it the location of sessions.
pub(super) fn is_session_location(text: &str, at: usize) -> bool {
    let start = text[..at].rfind('\n').unwrap_or(0);
    let before = text[..start].lines().next_back();
    before.is_some_and(|line| line.trim() == LOCATION)
}

/// The longest silence of a session, in seconds, if a part of an nginx configuration tells it.
pub(super) fn silence(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("# Engine.IO is silent for ")?;
    rest.split_once(" s ")?.0.parse().ok()
}

/// Whether clients may poll, if a BackendConfig's comments tell it.
pub(super) fn polling(config: &Object<'_>) -> Option<bool> {
    let text = text_of(config);
    if text.contains("# A WebSocket is one connection and needs none.") {
        Some(false)
    } else if text.contains("# All requests of a session must reach one pod:") {
        Some(true)
    } else {
        None
    }
}

/// Whether sioway was told that no affinity is needed: of several pods, clients that poll would need it.
pub(super) fn needs_no_affinity(config: &Object<'_>) -> bool {
    text_of(config).contains("# Written out: leaving the block away would keep an affinity")
}

fn text_of<'s>(object: &Object<'s>) -> &'s str {
    &object.file.text[object.document.start..object.document.end]
}
