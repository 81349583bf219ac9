//! What a mark says: a comment for sioway that names both paths tells all of the server that is not Engine.IO's default.

use super::app::App;
use super::draft::Draft;
use crate::set::Mark;
use crate::spec::{Bytes, Milliseconds};

/// Takes over what a mark says, over what was guessed from nginx's numbers.
pub(super) fn write(app: &App<'_, '_>, draft: &mut Draft) {
    let Some(session) = &app.session.session else { return };
    let mut marks = session.evidence.iter().map(|one| &one.mark);
    let Some(mark) = marks.find(|mark| is_complete(mark)) else { return };
    draft.settle_key("socketio.max-message", mark.max_message.map(Bytes::new));
    draft.settle_key("socketio.ping-interval", mark.ping_interval.map(Milliseconds::new));
    draft.settle_key("socketio.ping-timeout", mark.ping_timeout.map(Milliseconds::new));
    let websocket = (mark.polling == Some(false)).then_some(["websocket"]);
    draft.settle_key("socketio.transports", websocket);
}

fn is_complete(mark: &Mark) -> bool {
    mark.path.is_some() && mark.server_path.is_some()
}
