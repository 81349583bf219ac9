//! What one session does not show: many of them, and one with a large message.

use std::thread;
use std::time::Duration;

use super::observed::{Arm, SameSid, Try};
use super::walk::{Handshake, Manners, Steps};
use crate::live::client::Jar;

/// How many sessions are tried at a time: enough to be quick, too few to be taken for an attack.
const AT_ONCE: usize = 4;

/// The ids that handshakes got, and whether `Age` stood in one of the answers.
#[derive(Debug, Default)]
pub(super) struct Ids {
    pub(super) all: Vec<String>,
    pub(super) aged: bool,
}

impl Ids {
    pub(super) fn add(&mut self, handshake: Handshake) {
        let response = handshake.response.as_ref();
        self.aged |= response.is_some_and(|response| response.header("age").is_some());
        self.all.extend(handshake.open.map(|open| open.sid));
    }
}

/// Some sessions, a few at a time; their ids go to the others.
pub(super) fn arm(steps: Steps<'_>, count: usize, cookies: bool, ids: &mut Ids) -> Arm {
    let manners = Manners { cookies, upgrade: steps.options.transports.websocket };
    let walks = thread::scope(|scope| {
        let shares = (0..AT_ONCE).map(|index| (count + index) / AT_ONCE);
        let threads: Vec<_> = shares
            .map(|share| {
                scope.spawn(move || {
                    let walks = (0..share).take_while(|_| !steps.client.left().is_zero());
                    walks.map(|_| steps.walk(manners)).collect::<Vec<_>>()
                })
            })
            .collect();
        let walks = threads.into_iter().filter_map(|thread| thread.join().ok());
        walks.flatten().collect::<Vec<_>>()
    });
    let mut arm = Arm::default();
    for (walk, handshake) in walks {
        arm.walks.push(walk);
        ids.add(handshake);
    }
    arm
}

/// A POST of so many bytes. Its packet means nothing, so no app ever sees it.
pub(super) fn large(steps: Steps<'_>, size: u64) -> Try {
    const TRIES: usize = 5;
    let length = usize::try_from(size).unwrap_or(usize::MAX);
    let packet = format!("6{}", "x".repeat(length.saturating_sub(1)));
    let patience = steps.client.timeout() + Duration::from_secs(size / 1_000_000);
    let mut last = Try::default();
    for _ in 0..TRIES {
        let handshake = steps.handshake(true);
        last = handshake.tried;
        let (Some(open), Some(response)) = (handshake.open, handshake.response) else {
            return last;
        };
        let mut jar = Jar::default();
        jar.keep(&response);
        last = steps.post(&open.sid, &packet, &jar, patience);
        // A lost session says nothing of size.
        if !last.seen.is_code(1) {
            return last;
        }
    }
    last
}

/// How many of these ids differ.
pub(super) fn same_sid(mut sids: Vec<String>, aged: bool) -> SameSid {
    let handshakes = sids.len();
    sids.sort();
    sids.dedup();
    SameSid { handshakes, different: sids.len(), aged }
}
