//! Which directives there are, where they may stand, how many arguments they take.
//!
//! Taken from the `ngx_command_t` tables of nginx 1.28 (`nginx/nginx:src/http/modules/` and its neighbours), and of
//! the documentation for the few that are younger; the tests ask the real nginx about each row. A directive that is
//! not listed may belong to a module, so nothing is said about it.

use std::sync::LazyLock;

use foldhash::{HashMap, HashMapExt};

use super::Context;
use super::{directives_stream, directives_table};

/// What nginx knows about a directive in some contexts. `proxy_pass` has one row for HTTP and one for streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// The contexts, as one bit each: see [`Row::allows`].
    contexts: u16,
    /// The fewest arguments.
    pub least: usize,
    /// The most arguments.
    pub most: usize,
    /// Whether it has a block in place of the `;`.
    pub block: bool,
    /// Whether a second one in the same block is refused as a duplicate.
    pub once: bool,
}

impl Row {
    /// Whether the directive may stand in a context.
    pub fn allows(&self, context: Context) -> bool {
        self.contexts & bit(context) != 0
    }
}

/// The rows of a directive; none if it is not one of nginx's own.
pub fn rows(name: &str) -> &'static [Row] {
    static BY_NAME: LazyLock<HashMap<&str, Vec<Row>>> = LazyLock::new(|| {
        let mut map: HashMap<_, Vec<_>> = HashMap::new();
        for row in all() {
            map.entry(row.name).or_default().push(row);
        }
        map
    });
    BY_NAME.get(name).map_or(&[], Vec::as_slice)
}

/// Every row.
pub fn all() -> impl Iterator<Item = Row> {
    directives_table::GROUPS.iter().chain(directives_stream::GROUPS).flat_map(
        |&(contexts, least, most, block, once, names)| {
            let contexts = contexts
                .split(' ')
                .fold(0, |bits, name| bits | if name == "any" { u16::MAX } else { bit_of(name) });
            names.split(' ').map(move |name| Row { name, contexts, least, most, block, once })
        },
    )
}

fn bit(context: Context) -> u16 {
    1 << context as u16
}

fn bit_of(name: &str) -> u16 {
    Context::ALL.into_iter().find(|context| context.name() == name).map_or(0, bit)
}
