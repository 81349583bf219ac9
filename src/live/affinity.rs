//! How many requests of sessions are lost, estimated from some that were tried.

use serde::Serialize;

/// Requests that carried a session's id, and how many of them came to a server that did not know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, schemars::JsonSchema)]
pub struct Tally {
    /// How many were answered by a Socket.IO server.
    pub tried: u32,
    /// How many of those by one that does not know the session.
    pub lost: u32,
}

/// The quantile of the normal distribution for 95 %.
const Z: f64 = 1.96;

impl Tally {
    /// Counts one more.
    pub fn count(&mut self, lost: bool) {
        self.tried += 1;
        self.lost += u32::from(lost);
    }

    /// The share that was lost, from 0 to 1.
    pub fn share(self) -> f64 {
        f64::from(self.lost) / f64::from(self.tried.max(1))
    }

    /// Wilson's interval: where the true share lies, with 95 % confidence. Unlike the usual one it says something
    /// when none or all are lost.
    pub fn interval(self) -> (f64, f64) {
        if self.tried == 0 {
            return (0.0, 1.0);
        }
        let (count, share) = (f64::from(self.tried), self.share());
        let square = Z * Z / count;
        let centre = share + square / 2.0;
        let spread = Z * (share * (1.0 - share) / count + square / (4.0 * count)).sqrt();
        let scale = 1.0 + square;
        let (low, high) = ((centre - spread) / scale, (centre + spread) / scale);
        (low.max(0.0), high.min(1.0))
    }

    /// Among how many servers requests would have to be dealt at random to lose so many: from, to. `None` for no end.
    pub fn servers(self) -> (u32, Option<u32>) {
        let (low, high) = self.interval();
        let servers = |share: f64| (1.0 / (1.0 - share)).round();
        let limited = |count: f64| (1_u32..=100).find(|number| f64::from(*number) >= count);
        (limited(servers(low)).unwrap_or(100).max(2), limited(servers(high)))
    }

    /// `31 of 52 requests (60 %; 46 to 72 % with 95 % confidence)`.
    pub fn sentence(self) -> String {
        let (low, high) = self.interval();
        let percent = |share: f64| format!("{:.0}", share * 100.0);
        format!(
            "{} of {} requests ({} %; {} to {} % with 95 % confidence)",
            self.lost,
            self.tried,
            percent(self.share()),
            percent(low),
            percent(high)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: (f64, f64), wanted: (f64, f64)) {
        let close = |a: f64, b: f64| (a - b).abs() < 0.001;
        assert!(close(found.0, wanted.0) && close(found.1, wanted.1), "{found:?}");
    }

    #[test]
    fn intervals_are_wilsons() {
        near(Tally { tried: 10, lost: 0 }.interval(), (0.0, 0.278));
        near(Tally { tried: 10, lost: 10 }.interval(), (0.722, 1.0));
        near(Tally { tried: 100, lost: 50 }.interval(), (0.404, 0.596));
        near(Tally::default().interval(), (0.0, 1.0));
    }

    #[test]
    fn servers_follow_from_the_share() {
        assert_eq!(Tally { tried: 100, lost: 50 }.servers(), (2, Some(2)));
        assert_eq!(Tally { tried: 60, lost: 40 }.servers(), (2, Some(4)));
        assert_eq!(Tally { tried: 10, lost: 10 }.servers(), (4, None));
    }
}
