//! The way of a request and the timeouts on it, as far as they are drawn: what a graph, a comment and a page show.
//!
//! A picture says nothing that is not known elsewhere. Of an app it is made here, from its plan; of manifests
//! [`crate::trace::pictures`] makes it, with the faults that it foretells. How it looks is a matter of
//! [`crate::report::picture`] alone.

mod planned;

pub use planned::planned;

/// The way of a request, and the timeouts on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Whose it is.
    pub title: String,
    /// From the browser to the server.
    pub stations: Vec<Station>,
    /// Numbers that must stand in an order.
    pub rungs: Vec<Rung>,
}

/// What a request goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// What it is called.
    pub name: String,
    /// What holds there.
    pub facts: Vec<String>,
    /// What goes wrong because of it.
    pub faults: Vec<String>,
    /// Whether it does what sessions need.
    pub state: State,
}

/// How a station stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing is wrong with it.
    Right,
    /// Sessions break because of it.
    Broken,
    /// The files do not tell.
    Unknown,
}

/// Two numbers that must stand in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// The one that is to be the smaller.
    pub lower: Side,
    /// `<` or `≤`.
    pub sign: &'static str,
    /// The one that is to be the larger.
    pub upper: Side,
    /// Whether they stand so.
    pub holds: bool,
}

/// A number of a rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// What it is.
    pub what: String,
    /// The number, with its unit.
    pub value: String,
    /// The number, to be drawn.
    pub amount: Amount,
}

/// A number, by its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub enum Amount {
    /// A duration.
    Milliseconds(u64),
    /// A size.
    Bytes(u64),
}

impl Station {
    /// One that nothing is wrong with.
    pub fn right(name: impl Into<String>, facts: Vec<String>) -> Self {
        Self { name: name.into(), facts, faults: Vec::new(), state: State::Right }
    }
}

impl Picture {
    /// Whether something in it is wrong.
    pub fn is_broken(&self) -> bool {
        let broken = |station: &Station| station.state == State::Broken;
        self.stations.iter().any(broken) || self.rungs.iter().any(|rung| !rung.holds)
    }
}
