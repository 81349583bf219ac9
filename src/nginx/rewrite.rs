//! `rewrite`, `set`, `if`, `break` and `return`.
//!
//! `nginx/nginx:src/http/modules/ngx_http_rewrite_module.c`, and the codes it compiles to in
//! `src/http/ngx_http_script.c`.

use super::config::{Config, Doubt, NodeId};
use super::evaluate::{Scene, short_enough};
use super::pattern::Pattern;
use super::template::{Piece, pieces};
use super::uri::{Change, escape_args, unescape_redirect};

/// How the directives of a level ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flow {
    /// They were all run, and the location stays.
    On,
    /// `break`: those behind it are not run.
    Ended,
    /// The path is another, and the location is to be chosen anew.
    Changed,
    /// The request is answered.
    Returned(Returned),
}

/// An answer that nginx gives by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The `return` or `rewrite`.
    pub at: NodeId,
    /// The status.
    pub code: u16,
    /// The body, or where to for a redirection. `None` if there is none, or if a variable in it is not known.
    pub text: Option<String>,
}

/// Where a level stands.
struct Level<'s, 'r> {
    scene: &'s mut Scene<'r>,
    steps: &'s mut Vec<NodeId>,
    changed: bool,
    /// Whether groups are encoded again in values. They are until the first `rewrite` that matches, and then only
    /// where that one left off among the arguments: an oddity of nginx, which keeps this in two flags of the engine
    /// (`quote`, `is_args`).
    encodes: bool,
    among_args: bool,
}

impl Config<'_> {
    /// Runs what a level has of the five directives.
    pub(super) fn rewrite_phase(
        &self,
        level: NodeId,
        scene: &mut Scene<'_>,
        steps: &mut Vec<NodeId>,
    ) -> Result<Flow, Doubt> {
        let mut run = Level { scene, steps, changed: false, encodes: true, among_args: false };
        let flow = self.run_all(level, &mut run)?;
        Ok(match flow {
            Flow::On | Flow::Ended if run.changed => Flow::Changed,
            flow => flow,
        })
    }

    fn run_all(&self, level: NodeId, run: &mut Level<'_, '_>) -> Result<Flow, Doubt> {
        for &line in self.children(level) {
            let flow = match self.name(line) {
                "set" => self.set(line, run)?,
                "rewrite" => self.rewrite(line, run)?,
                "if" => self.run_if(line, run)?,
                "return" => Flow::Returned(self.returned(line, run.scene)),
                "break" => break_off(run),
                _ => Flow::On,
            };
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn set(&self, line: NodeId, run: &mut Level<'_, '_>) -> Result<Flow, Doubt> {
        let name = self.value(line).trim_start_matches('$').to_owned();
        let template = self.directive(line).argument(1).unwrap_or_default();
        let value = self.filled(template, run)?;
        run.scene.perhaps.remove(&name);
        if name != "args" {
            run.scene.variables.insert(name, value);
            return Ok(Flow::On);
        }
        // The one variable by which the request itself changes (`ngx_http_variable_set_args`).
        let uri = &mut run.scene.uri;
        uri.args = value;
        if uri.change == Change::None {
            uri.change = Change::Arguments;
        }
        Ok(Flow::On)
    }

    fn run_if(&self, line: NodeId, run: &mut Level<'_, '_>) -> Result<Flow, Doubt> {
        match self.condition(line, run) {
            Ok(true) => {}
            Ok(false) => return Ok(Flow::On),
            Err(_) if self.leads_nowhere(line) => {
                run.scene.perhaps.extend(self.sets(line));
                return Ok(Flow::On);
            }
            Err(doubt) => return Err(Doubt { at: doubt.at.or(Some(line)), ..doubt }),
        }
        if run.scene.location.is_some() {
            // From here on the lines of the `if` hold, over those of the location.
            run.scene.location = Some(line);
        }
        self.run_all(line, run)
    }

    /// Whether it is all the same to the way of a request if the condition of an `if` holds: it does no more than to set
    /// variables, and what concerns the answer.
    fn leads_nowhere(&self, line: NodeId) -> bool {
        const OF_ANSWERS: [&str; 4] = ["set", "add_header", "expires", "access_log"];
        let of_answers =
            |line: &NodeId| OF_ANSWERS.contains(&self.name(*line)) && self.value(*line) != "$args";
        self.children(line).iter().all(of_answers)
    }

    /// The variables that an `if` sets.
    fn sets(&self, line: NodeId) -> impl Iterator<Item = String> {
        let lines = self.named(line, "set");
        lines.map(|line| self.value(line).trim_start_matches('$').to_owned())
    }

    /// Whether the condition of an `if` holds.
    fn condition(&self, line: NodeId, run: &mut Level<'_, '_>) -> Result<bool, Doubt> {
        let unknown = || Doubt::at(line, "this condition is not evaluated");
        let words: Vec<&str> = self.arguments(line).collect();
        let words = bare_condition(&words).ok_or_else(unknown)?;
        let (name, rest) = words.split_first().ok_or_else(unknown)?;
        let name = name.strip_prefix('$').ok_or_else(unknown)?;
        let value = self.variable_of(name, run.scene)?;
        match rest {
            [] => Ok(!matches!(value.as_str(), "" | "0")),
            [operator @ ("=" | "!="), right] => {
                let equal = value == self.filled(right, run)?;
                Ok(equal == (*operator == "="))
            }
            [operator, regex] => {
                let (negative, plain) = match operator.strip_prefix('!') {
                    Some(plain) => (true, plain),
                    None => (false, *operator),
                };
                let ignore_case = match plain {
                    "~" => false,
                    "~*" => true,
                    _ => return Err(unknown()),
                };
                let found = matching(line, regex, ignore_case, value.as_bytes(), run.scene)?;
                Ok(found != negative)
            }
            _ => Err(unknown()),
        }
    }

    pub(super) fn returned(&self, line: NodeId, scene: &Scene<'_>) -> Returned {
        let code = self.value(line).parse().ok();
        let template = match code {
            Some(_) => self.directive(line).argument(1),
            // `return URL` is a redirection.
            None => Some(self.value(line)),
        };
        Returned {
            at: line,
            code: code.unwrap_or(302),
            text: template.and_then(|template| self.value_at(template, scene).ok()),
        }
    }

    fn rewrite(&self, line: NodeId, run: &mut Level<'_, '_>) -> Result<Flow, Doubt> {
        let mut words = self.arguments(line);
        let (Some(regex), Some(target)) = (words.next(), words.next()) else {
            return Err(Doubt::at(line, "this `rewrite` is not complete"));
        };
        let flag = words.next().unwrap_or_default();
        let path = run.scene.uri.path.clone();
        if !matching(line, regex, false, &path, run.scene)? {
            return Ok(Flow::On);
        }
        run.steps.push(line);
        let redirect = redirection(target, flag);
        let (target, keeps_args) = match target.strip_suffix('?') {
            Some(target) => (target, false),
            None => (target, true),
        };
        let (path, args) = self.replacement(target, run, redirect.is_some())?;
        if let Some(code) = redirect {
            let old = Some(run.scene.uri.args.as_str()).filter(|old| keeps_args && !old.is_empty());
            return Ok(Flow::Returned(Returned {
                at: line,
                code,
                text: Some(redirected(&path, old)),
            }));
        }
        let before = std::mem::take(&mut run.scene.uri.args);
        let args = joined_args(args, &before, keeps_args);
        if path.is_empty() {
            return Err(Doubt::at(line, "the rewritten path is empty"));
        }
        let uri = &mut run.scene.uri;
        uri.path = path.into_bytes();
        uri.args = args.unwrap_or_default();
        uri.change = Change::Rewritten;
        Ok(match flag {
            "break" => {
                uri.change = Change::Broken;
                run.changed = false;
                Flow::Ended
            }
            "last" => {
                run.changed = true;
                Flow::Ended
            }
            _ => {
                run.changed = true;
                Flow::On
            }
        })
    }

    /// The path and the arguments of a replacement. Groups are encoded again where they become arguments.
    fn replacement(
        &self,
        target: &str,
        run: &mut Level<'_, '_>,
        redirect: bool,
    ) -> Result<(String, Option<String>), Doubt> {
        let pieces = pieces(target).map_err(|_| Doubt::bare("a `$` without a variable"))?;
        let (mut path, mut args) = (String::new(), None::<String>);
        run.encodes = redirect;
        for piece in pieces {
            let cut = match piece {
                Piece::Text(text) if args.is_none() && !redirect => text.split_once('?'),
                _ => None,
            };
            if let Some((before, behind)) = cut {
                path.push_str(before);
                args = Some(behind.to_owned());
                run.among_args = true;
            } else {
                let text = self.piece(piece, run)?;
                args.as_mut().unwrap_or(&mut path).push_str(&text);
            }
        }
        run.encodes = false;
        short_enough(&path)?;
        short_enough(args.as_deref().unwrap_or_default())?;
        Ok((path, args))
    }

    /// A template with its variables filled in, as the engine of these directives does.
    fn filled(&self, template: &str, run: &Level<'_, '_>) -> Result<String, Doubt> {
        let pieces = pieces(template).map_err(|_| Doubt::bare("a `$` without a variable"))?;
        let mut text = String::new();
        for piece in pieces {
            text.push_str(&self.piece(piece, run)?);
            short_enough(&text)?;
        }
        Ok(text)
    }

    fn piece(&self, piece: Piece<'_>, run: &Level<'_, '_>) -> Result<String, Doubt> {
        let name = match piece {
            Piece::Text(text) => return Ok(text.to_owned()),
            Piece::Variable(name) => name,
        };
        let value = self.variable_of(name, run.scene)?;
        let group = name.parse::<usize>().is_ok();
        let was_encoded = run.scene.uri.quoted || run.scene.uri.plus;
        if group && was_encoded && (run.encodes || run.among_args) {
            return Ok(escape_args(value.as_bytes()));
        }
        Ok(value)
    }
}

fn break_off(run: &mut Level<'_, '_>) -> Flow {
    if run.changed {
        run.scene.uri.change = Change::Broken;
        run.changed = false;
    }
    Flow::Ended
}

/// The status of a `rewrite` that redirects.
fn redirection(target: &str, flag: &str) -> Option<u16> {
    let absolute = ["http://", "https://", "$scheme"].iter().any(|start| target.starts_with(start));
    match flag {
        "permanent" => Some(301),
        "redirect" => Some(302),
        _ => absolute.then_some(302),
    }
}

/// The `Location` of a redirection: what groups brought along encoded is decoded where it is part of the path.
fn redirected(target: &str, old_args: Option<&str>) -> String {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    let mut location = unescape_redirect(path);
    location.push_str(query);
    if let Some(args) = old_args {
        location.push(if query.is_empty() { '?' } else { '&' });
        location.push_str(args);
    }
    location
}

/// The new arguments, with the old ones behind them unless the replacement ends in `?`.
fn joined_args(new: Option<String>, old: &str, keeps: bool) -> Option<String> {
    let keeps = keeps && !old.is_empty();
    match new {
        Some(new) if keeps => Some(format!("{new}&{old}")),
        Some(new) => Some(new),
        None => keeps.then(|| old.to_owned()),
    }
}

/// Whether a text matches; the groups of a match are kept for `$1` and by their names.
fn matching(
    line: NodeId,
    regex: &str,
    ignore_case: bool,
    text: &[u8],
    scene: &mut Scene<'_>,
) -> Result<bool, Doubt> {
    let unknown = || Doubt::at(line, format!("`{regex}` cannot be evaluated"));
    let pattern = Pattern::new(regex, ignore_case).ok_or_else(unknown)?;
    let found = pattern.groups(text).map_err(|_| unknown())?;
    let matched = found.is_some();
    scene.matched(found.unwrap_or_default());
    Ok(matched)
}

/// The words of a condition without its parentheses, which may be glued to the first and the last.
fn bare_condition<'t>(words: &[&'t str]) -> Option<Vec<&'t str>> {
    let mut words = words.to_vec();
    let first = words.first_mut()?;
    *first = first.strip_prefix('(')?;
    if first.is_empty() {
        words.remove(0);
    }
    // An empty word before the parenthesis is a text to compare with: `($https = "")`.
    let last = words.pop()?.strip_suffix(')')?;
    words.extend(Some(last).filter(|last| !last.is_empty()));
    Some(words)
}
