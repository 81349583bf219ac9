//! What is known of the sessions that go through a backend.

use super::evidence::{AppFacts, Carries, Evidence};
use crate::set::Mark;

/// What the Socket.IO server is set to, as far as somebody says it; Engine.IO's defaults otherwise
/// (socketio/socket.io:packages/engine.io/lib/server.ts).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// `pingInterval`, in milliseconds.
    pub ping_interval: u64,
    /// `pingTimeout`, in milliseconds.
    pub ping_timeout: u64,
    /// `maxHttpBufferSize`, in bytes.
    pub max_message: u64,
    /// Whether clients may poll.
    pub polling: bool,
    /// How long a WebSocket is to last, in seconds, where somebody says it.
    pub max_age: Option<u64>,
    /// How many pods there are, where somebody says it.
    pub replicas: Option<u64>,
}

/// Seconds that a session may well last, where nobody says how long it does.
const LIKELY: i64 = 600;

impl Numbers {
    /// What a mark or an app.toml says, over the defaults.
    pub fn of(mark: &Mark) -> Self {
        Self {
            ping_interval: mark.ping_interval.unwrap_or(25_000),
            ping_timeout: mark.ping_timeout.unwrap_or(20_000),
            max_message: mark.max_message.unwrap_or(1_000_000),
            polling: mark.polling.unwrap_or(true),
            max_age: mark.max_age,
            replicas: mark.replicas,
        }
    }

    /// Whether sessions that poll go on when a cookie of so many seconds ends: surely, or if some last as long as
    /// somebody says. Most clients have a WebSocket by then, so that a cookie of some minutes hurts only those that
    /// cannot.
    pub fn outlives_cookie(&self, seconds: i64) -> Option<bool> {
        let wanted = self.max_age.and_then(|age| i64::try_from(age).ok());
        let surely = seconds < LIKELY;
        (surely || wanted.is_some_and(|wanted| seconds < wanted)).then_some(surely)
    }

    /// The longest that a healthy session may be silent, in milliseconds.
    pub fn silence(&self) -> u64 {
        self.ping_interval + self.ping_timeout
    }
}

/// The sessions of a backend.
#[derive(Debug, Clone)]
pub struct Session {
    /// Why they are there, the best evidence first.
    pub evidence: Vec<Evidence>,
    /// What the server is set to.
    pub numbers: Numbers,
    /// The paths that browsers ask for, where somebody says them.
    pub paths: Vec<String>,
}

impl Session {
    pub(super) fn of(mut evidence: Vec<Evidence>, app: Option<&AppFacts>) -> Option<Self> {
        evidence.sort_by_key(|one| std::cmp::Reverse(one.carries));
        let mark = merged(&evidence);
        let mut paths: Vec<String> =
            evidence.iter().filter_map(|one| one.mark.path.clone()).collect();
        paths.sort();
        paths.dedup();
        (!evidence.is_empty()).then(|| Self {
            numbers: Numbers::of(app.map_or(&mark, |app| &app.mark)),
            evidence,
            paths,
        })
    }

    /// Whether Socket.IO goes through it, and not just WebSockets of some kind.
    pub fn is_socketio(&self) -> bool {
        self.evidence.iter().any(|one| one.carries == Carries::SocketIo)
    }

    /// Whether requests of one session may come one by one, so that all must reach one pod.
    pub fn polls(&self) -> bool {
        self.is_socketio() && self.numbers.polling
    }

    /// The best evidence.
    pub fn because(&self) -> &Evidence {
        &self.evidence[0]
    }
}

fn merged(evidence: &[Evidence]) -> Mark {
    let mut all = Mark::default();
    for one in evidence {
        all.path = all.path.or_else(|| one.mark.path.clone());
        all.server_path = all.server_path.or_else(|| one.mark.server_path.clone());
        all.max_message = all.max_message.or(one.mark.max_message);
        all.polling = all.polling.or(one.mark.polling);
        all.ping_interval = all.ping_interval.or(one.mark.ping_interval);
        all.ping_timeout = all.ping_timeout.or(one.mark.ping_timeout);
        all.max_age = all.max_age.or(one.mark.max_age);
        all.replicas = all.replicas.or(one.mark.replicas);
    }
    all
}
