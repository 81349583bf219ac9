//! `map` blocks.
//!
//! `ngx_http_map_find` of `nginx/nginx:src/http/ngx_http_variables.c`: exact values, without regard to case; then
//! regular expressions in their order; then `default`, which is empty if it is not there.

use super::config::{Config, Doubt, NodeId};
use super::pattern::{Groups, NotEvaluable, Pattern};

/// What a map gives for an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped<'t> {
    /// The value, which may hold variables.
    pub value: &'t str,
    /// The line that gives it; `None` if no line fits and there is no `default`.
    pub at: Option<NodeId>,
    /// The groups of the regular expression that fits, if one does.
    pub(super) groups: Option<Groups>,
}

impl<'t> Config<'t> {
    /// The `map` blocks.
    pub fn maps(&self) -> Vec<NodeId> {
        self.all_named("map").collect()
    }

    /// The `map` that defines a variable, which is named without its `$`. Of several, nginx uses the last.
    pub fn map_of(&self, variable: &str) -> Option<NodeId> {
        let defines = |node: &NodeId| {
            let target = self.directive(*node).argument(1);
            target.and_then(|name| name.strip_prefix('$')) == Some(variable)
        };
        self.all_named("map").rev().find(defines)
    }

    /// What a map gives for an input.
    ///
    /// # Errors
    ///
    /// A [`Doubt`] for `hostnames`, for a regular expression that cannot be evaluated, and for lines in a file that
    /// is not known.
    pub fn mapped(&self, map: NodeId, input: &str) -> Result<Mapped<'t>, Doubt> {
        let mut default = None;
        for &line in self.children(map) {
            match self.name(line) {
                "hostnames" => return Err(Doubt::at(line, "`hostnames` is not evaluated")),
                "default" => default = Some(line),
                "include" | "volatile" => {}
                key if literal(key).is_some_and(|key| key.eq_ignore_ascii_case(input)) => {
                    return Ok(self.mapped_by(Some(line), None));
                }
                _ => {}
            }
        }
        if let Some(include) = self.unread_in(map) {
            return Err(Doubt::at(include, "the included file may have a line for it"));
        }
        for &line in self.children(map) {
            if let Some(groups) = self.regex_line(line, input)? {
                return Ok(self.mapped_by(Some(line), Some(groups)));
            }
        }
        Ok(self.mapped_by(default, None))
    }

    fn regex_line(&self, line: NodeId, input: &str) -> Result<Option<Groups>, Doubt> {
        let Some(regex) = self.name(line).strip_prefix('~') else {
            return Ok(None);
        };
        let (regex, ignore_case) = match regex.strip_prefix('*') {
            Some(regex) => (regex, true),
            None => (regex, false),
        };
        Pattern::new(regex, ignore_case)
            .ok_or(NotEvaluable)
            .and_then(|pattern| pattern.groups(input.as_bytes()))
            .map_err(|_| Doubt::at(line, format!("`{regex}` cannot be evaluated")))
    }

    fn mapped_by(&self, at: Option<NodeId>, groups: Option<Groups>) -> Mapped<'t> {
        Mapped { value: at.map_or("", |line| self.value(line)), at, groups }
    }
}

/// The text that a line stands for; `\default` is the word, not the keyword.
fn literal(key: &str) -> Option<&str> {
    (!key.starts_with('~')).then(|| key.strip_prefix('\\').unwrap_or(key))
}
