//! The requests of a session, one step each.

use super::passage::{End, Passage};
use super::server::{self, seconds};
use super::store::Shared;
use super::way::{Ask, Way};
use super::{HopKind, Step, StepKind, Verdict, store};

/// A poll of a session.
pub(super) const POLL: Ask =
    Ask { method: "GET", transport: "polling", sid: true, body: 0, waits: 0 };

/// The steps of clients that poll.
pub(super) fn polling(way: &Way<'_, '_>) -> Vec<Step> {
    let handshake = step(way, StepKind::Handshake, Ask { sid: false, ..POLL });
    let shared = store::shared(way).is_some();
    let begun = !handshake.outcome.always_fails() || shared;
    let failed = handshake.outcome.text.clone();
    let mut steps = vec![handshake];
    let idle = Ask { waits: way.numbers.ping_interval, ..POLL };
    let post = Ask { method: "POST", body: 2, ..POLL };
    let upgrade = Ask { transport: "websocket", ..POLL };
    let large = Ask { method: "POST", body: way.numbers.max_message, ..POLL };
    for (kind, ask) in [
        (StepKind::Poll, POLL),
        (StepKind::Post, post),
        (StepKind::IdlePoll, idle),
        (StepKind::Upgrade, upgrade),
        (StepKind::LargeMessage, large),
    ] {
        let mut step = step(way, kind, ask);
        if !begun {
            let end =
                End::not_reached(format!("there is no session, as the handshake gets {failed}"));
            step.outcome = end.outcome;
            step.rules.clear();
            step.decided_by = None;
        }
        steps.push(step);
    }
    unconnected(&mut steps);
    steps
}

/// What the first poll brings is the answer to the message that connects the client.
fn unconnected(steps: &mut [Step]) {
    let message = steps.iter().find(|step| step.step == StepKind::Post);
    let lost = message.filter(|step| step.outcome.always_fails());
    let Some(got) = lost.map(|step| step.outcome.text.clone()) else {
        return;
    };
    let poll = steps.iter_mut().find(|step| step.step == StepKind::Poll);
    if let Some(poll) = poll.filter(|step| step.outcome.verdict == Verdict::Good) {
        let why = format!("it answers the client's first message, which gets {got}");
        poll.outcome = End::not_reached(why).outcome;
    }
}

/// The step of clients that begin with a WebSocket.
pub(super) fn direct(way: &Way<'_, '_>) -> Step {
    let ask = Ask { transport: "websocket", sid: false, ..POLL };
    step(way, StepKind::DirectWebSocket, ask)
}

fn step(way: &Way<'_, '_>, kind: StepKind, ask: Ask) -> Step {
    let (mut passage, _) = server::walk(way, &ask);
    if let Some(shared) = store::shared(way).filter(|_| ask.sid && passage.end.is_none()) {
        another_session(&shared, &ask, &mut passage);
    }
    let without_cookies = passage.share(false).filter(|_| ask.sid && passage.share(true).is_none());
    let mut step = passage.step(kind, ask.said(&way.path), good(way, kind));
    if step.outcome.verdict == Verdict::Good {
        step.outcome.without_cookies = without_cookies;
    }
    step
}

/// The session id is another client's: it ends when that client's session does.
fn another_session(shared: &Shared, ask: &Ask, passage: &mut Passage) {
    let end = if ask.upgrades() && shared.may_answer_upgrades {
        // Which of the two is not documented.
        End::bad("no `101`, but `400 Session ID unknown` or the stored answer")
    } else {
        End::refused(1, ask.upgrades())
    };
    let end = end.because("the session id is another client's, whose session has ended");
    let end = end.rules(shared.rules).at(shared.place);
    passage.stop(HopKind::Server, "the session is another client's", end);
}

/// What the client gets if nothing is against it.
fn good(way: &Way<'_, '_>, kind: StepKind) -> End {
    match kind {
        StepKind::Handshake => End::good("`200 0{sid}`").status(200),
        StepKind::Poll => End::good("`200 40{sid}`").status(200),
        StepKind::IdlePoll => {
            let wait = seconds(way.numbers.ping_interval);
            End::good(format!("`200 2`, a ping, after {wait}")).status(200)
        }
        StepKind::Post => End::good("`200 ok`").status(200),
        StepKind::LargeMessage => {
            let most = way.numbers.max_message;
            End::good(format!("`200 ok` up to {most} bytes; over that `413` of the server"))
                .status(200)
        }
        _ => End::good("`101`").status(101),
    }
}
