//! A request on its way: the hops so far, and what ended it.

use super::{Hop, HopKind, Outcome, Share, Step, StepKind, Verdict};
use crate::set::Place;

/// How a request, or a stretch of a session's life, ends.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) outcome: Outcome,
    pub(super) rules: Vec<&'static str>,
    pub(super) place: Option<Place>,
}

impl End {
    fn new(verdict: Verdict, text: impl Into<String>) -> Self {
        Self {
            outcome: Outcome {
                verdict,
                text: text.into(),
                status: None,
                code: None,
                share: None,
                without_cookies: None,
                now_and_then: false,
                after: None,
                cautions: Vec::new(),
            },
            rules: Vec::new(),
            place: None,
        }
    }

    pub(super) fn good(text: impl Into<String>) -> Self {
        Self::new(Verdict::Good, text)
    }

    pub(super) fn bad(text: impl Into<String>) -> Self {
        Self::new(Verdict::Bad, text)
    }

    pub(super) fn unknown(why: impl AsRef<str>) -> Self {
        Self::new(Verdict::Unknown, format!("unknown: {}", why.as_ref()))
    }

    pub(super) fn not_reached(why: impl AsRef<str>) -> Self {
        Self::new(Verdict::NotReached, format!("not reached: {}", why.as_ref()))
    }

    /// The answer of an Engine.IO server that refuses, as JSON or as the bare message of a WebSocket.
    pub(super) fn refused(code: u8, upgraded: bool) -> Self {
        let message = match code {
            0 => "Transport unknown",
            1 => "Session ID unknown",
            2 => "Bad handshake method",
            _ => "Bad request",
        };
        let text = if upgraded {
            format!("`400 {message}`")
        } else {
            format!("`400 {{\"code\":{code},\"message\":\"{message}\"}}`")
        };
        let mut end = Self::bad(text).status(400);
        end.outcome.code = Some(code);
        end
    }

    pub(super) fn status(mut self, status: u16) -> Self {
        self.outcome.status = Some(status);
        self
    }

    pub(super) fn share(mut self, share: Share) -> Self {
        self.outcome.text = format!("{} {share}", self.outcome.text);
        self.outcome.share = Some(share);
        self
    }

    pub(super) fn after(mut self, milliseconds: u64) -> Self {
        self.outcome.after = Some(milliseconds);
        self
    }

    pub(super) fn rule(mut self, rule: &'static str) -> Self {
        if !self.rules.contains(&rule) {
            self.rules.push(rule);
        }
        self
    }

    pub(super) fn rules(self, rules: &[&'static str]) -> Self {
        rules.iter().fold(self, |end, rule| end.rule(rule))
    }

    /// It happens now and then.
    fn now_and_then(mut self) -> Self {
        self.outcome.now_and_then = true;
        self
    }

    pub(super) fn at(mut self, place: Option<Place>) -> Self {
        self.place = self.place.or(place);
        self
    }

    pub(super) fn caution(mut self, caution: impl Into<String>) -> Self {
        self.outcome.cautions.push(caution.into());
        self
    }

    pub(super) fn because(mut self, why: impl AsRef<str>) -> Self {
        self.outcome.text = format!("{}: {}", self.outcome.text, why.as_ref());
        self
    }
}

/// Something that may send a request to another pod than the one that has the session.
#[derive(Debug, Clone)]
pub(super) struct Stray {
    pub(super) share: Share,
    pub(super) rules: Vec<&'static str>,
    pub(super) place: Option<Place>,
    /// It happens only to clients that keep no cookies.
    pub(super) cookies: bool,
    /// It happens from so many seconds after the first request on.
    pub(super) from: Option<i64>,
}

/// Something that the files do not tell.
#[derive(Debug, Clone)]
pub(super) struct Doubt {
    pub(super) why: String,
    pub(super) place: Option<Place>,
    pub(super) rule: Option<&'static str>,
}

/// A request on its way.
#[derive(Debug, Default)]
pub(super) struct Passage {
    pub(super) hops: Vec<Hop>,
    /// What ended it for certain.
    pub(super) end: Option<End>,
    /// What is not known, and where that shows.
    pub(super) doubts: Vec<Doubt>,
    pub(super) strays: Vec<Stray>,
    pub(super) cautions: Vec<(String, Option<&'static str>)>,
    /// What it may come to, but for nothing that this request does.
    pub(super) perhaps: Option<End>,
}

impl Passage {
    pub(super) fn hop(&mut self, hop: HopKind, what: impl Into<String>, place: Option<Place>) {
        let what = what.into();
        self.hops.push(Hop { hop, what, place });
    }

    /// A hop that is not known.
    pub(super) fn doubt(&mut self, hop: HopKind, why: impl Into<String>, place: Option<Place>) {
        self.doubt_of(hop, Doubt { why: why.into(), place, rule: None });
    }

    /// The same, where a rule speaks of it.
    pub(super) fn doubt_of(&mut self, hop: HopKind, doubt: Doubt) {
        self.hop(hop, format!("unknown: {}", doubt.why), doubt.place);
        self.doubts.push(doubt);
    }

    /// A hop that ends the request.
    pub(super) fn stop(&mut self, hop: HopKind, what: impl Into<String>, end: End) {
        self.hop(hop, what, end.place);
        self.end.get_or_insert(end);
    }

    pub(super) fn caution(&mut self, caution: impl Into<String>, rule: Option<&'static str>) {
        self.cautions.push((caution.into(), rule));
    }

    /// The chance of another pod for a client, with or without cookies.
    pub(super) fn share(&self, cookies_kept: bool) -> Option<Share> {
        let strays = self.strays.iter();
        let counting = strays.filter(|stray| !stray.cookies || !cookies_kept);
        let share = counting.map(|stray| stray.share).reduce(Share::and)?;
        (!share.is_safe()).then_some(share)
    }

    /// The seconds before which every request of a client that keeps its cookies reaches its pod.
    pub(super) fn astray_from(&self) -> Option<i64> {
        let counting = self.strays.iter().filter(|stray| !stray.cookies && !stray.share.is_safe());
        counting.map(|stray| stray.from.unwrap_or(0)).min().filter(|from| *from > 0)
    }

    /// The step that it makes, with what the client gets if nothing is against it.
    pub(super) fn step(self, step: StepKind, request: String, good: End) -> Step {
        let doubt = self.doubts.first().cloned();
        let mut end = match (self.end, doubt) {
            (Some(end), _) => with_perhaps(end, self.perhaps),
            (None, Some(doubt)) => with_perhaps(unknown(&doubt, &good), self.perhaps),
            (None, None) => self.perhaps.map_or(good, End::now_and_then),
        };
        for (caution, rule) in self.cautions {
            end = end.caution(caution);
            end = rule.map_or(end.clone(), |rule| end.rule(rule));
        }
        Step {
            step,
            request,
            hops: self.hops,
            outcome: end.outcome,
            rules: end.rules,
            decided_by: end.place,
        }
    }
}

/// What comes for certain, or is not known, beside what may come.
fn with_perhaps(end: End, perhaps: Option<End>) -> End {
    match perhaps {
        Some(perhaps) => end.caution(perhaps.outcome.text).rules(&perhaps.rules),
        None => end,
    }
}

fn unknown(doubt: &Doubt, good: &End) -> End {
    let why = format!("{}; as far as the files go {}", doubt.why, good.outcome.text);
    let end = End::unknown(why).at(doubt.place);
    doubt.rule.map_or(end.clone(), |rule| end.rule(rule))
}
