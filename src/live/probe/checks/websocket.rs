//! Whether WebSockets open.

use super::super::observed::{Observed, Try};
use super::polling::explained;
use super::{causes, not_tried, simple};
use crate::live::check::{Check, Layer};

fn of(check: Check, tried: &Try, observed: &Observed) -> Check {
    match simple(check, tried, observed) {
        Ok(check) => check,
        Err(check) => explained(check, causes::websocket(observed, tried)),
    }
}

pub(super) fn upgrade(observed: &Observed) -> Check {
    let check = Check::new("upgrade", Layer::Websocket, "a session moves to a WebSocket");
    let tried = &observed.walk.upgrade;
    let offered = observed.open.as_ref().is_none_or(|open| open.websocket_offered);
    if tried.failed() && !offered {
        return check
            .warn(format!("{}; the server does not offer it", tried.detail))
            .advise("the server's `transports` leave WebSockets out");
    }
    of(check, tried, observed)
}

pub(super) fn websocket(observed: &Observed) -> Check {
    let check = Check::new("websocket", Layer::Websocket, "a WebSocket opens without polling");
    if !observed.websocket.was_tried() && observed.walk.handshake.failed() {
        return check.skip(not_tried(observed));
    }
    of(check, &observed.websocket, observed)
}
