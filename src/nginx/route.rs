//! The way of a request through nginx, up to the location that answers.
//!
//! The server's `rewrite`, `set`, `if`, `break` and `return` run before the location is chosen, those of the location
//! after it, and again whenever a rewrite made nginx choose anew (`nginx/nginx:src/http/ngx_http_core_module.c`,
//! `ngx_http_core_post_rewrite_phase`).

use std::collections::{BTreeMap, BTreeSet};

use super::config::{Config, Doubt, NodeId};
use super::evaluate::{Request, Scene};
use super::location::Selection;
use super::pattern::Groups;
use super::rewrite::{Flow, Returned};
use super::server::Chosen;
use super::uri::normalise;

/// How often a rewrite may make nginx choose anew, before it answers 500: `NGX_HTTP_MAX_URI_CHANGES`.
const CHANGES: usize = 10;

/// Where a request comes to.
#[derive(Debug, Clone)]
pub struct Route<'r> {
    /// The server, and why it.
    pub server: Chosen,
    /// The location; of the last choice, if there were several.
    pub selection: Selection,
    /// The request as rewrites left it.
    pub scene: Scene<'r>,
    /// What happens to it there.
    pub outcome: Outcome,
    /// The rewrites that changed it, and the `return` that ended it.
    pub steps: Vec<NodeId>,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The location answers: see [`Config::answer`].
    Location,
    /// A `return`, or a `rewrite` that redirects, answers.
    Returned(Returned),
    /// 301 to the path with a slash, and with the query.
    SlashAdded(String),
    /// 500: rewrites go round in a circle.
    Circle,
    /// 404: the location is `internal`, and the request is not.
    Internal,
}

impl Config<'_> {
    /// The way of a request. `None` if nobody listens on its port, or if nginx answers 400.
    ///
    /// # Errors
    ///
    /// A [`Doubt`] that names what could not be evaluated.
    pub fn route<'r>(&self, request: &'r Request) -> Result<Option<Route<'r>>, Doubt> {
        let Some(server) = self.server_for(request.port, &request.host)? else {
            return Ok(None);
        };
        // The path is read before the `Host`, so by the settings of the default server.
        let first = self.default_server(request.port).map_or(server.server, |one| one.server);
        let Ok(uri) = normalise(&request.target, self.merges_slashes(first)) else {
            return Ok(None);
        };
        let mut route = Route {
            server,
            selection: Selection::default(),
            scene: Scene {
                request,
                uri,
                server: server.server,
                location: None,
                variables: BTreeMap::new(),
                perhaps: BTreeSet::new(),
                groups: Groups::default(),
            },
            outcome: Outcome::Location,
            steps: Vec::new(),
        };
        if let Some(groups) = self.server_groups(&server, &request.host) {
            route.scene.matched(groups);
        }
        self.walk_route(&mut route)?;
        Ok(Some(route))
    }

    fn merges_slashes(&self, server: NodeId) -> bool {
        let line = self.effective(server, "merge_slashes").line();
        line.is_none_or(|line| !self.value(line).eq_ignore_ascii_case("off"))
    }

    fn walk_route(&self, route: &mut Route<'_>) -> Result<(), Doubt> {
        let server = route.server.server;
        if let Flow::Returned(returned) =
            self.rewrite_phase(server, &mut route.scene, &mut route.steps)?
        {
            route.outcome = Outcome::Returned(returned);
            return Ok(());
        }
        for _ in 0..=CHANGES {
            route.scene.location = None;
            route.selection = self.select(server, &route.scene.uri)?;
            if let Some(groups) = route.selection.groups.clone() {
                route.scene.matched(groups);
            }
            if let Some(outcome) = self.stopped(route) {
                route.outcome = outcome;
                return Ok(());
            }
            let Some(location) = route.selection.location() else {
                return Ok(());
            };
            route.scene.location = Some(location);
            match self.rewrite_phase(location, &mut route.scene, &mut route.steps)? {
                Flow::Changed => {}
                Flow::Returned(returned) => {
                    route.outcome = Outcome::Returned(returned);
                    return Ok(());
                }
                Flow::On | Flow::Ended => return Ok(()),
            }
        }
        route.outcome = Outcome::Circle;
        Ok(())
    }

    /// What ends a request as soon as its location is chosen.
    fn stopped(&self, route: &Route<'_>) -> Option<Outcome> {
        let location = route.selection.location()?;
        if !route.scene.uri.change.is_of_path() && self.named(location, "internal").next().is_some()
        {
            return Some(Outcome::Internal);
        }
        let path = route.selection.redirect.as_ref()?;
        let args = &route.scene.uri.args;
        Some(Outcome::SlashAdded(if args.is_empty() {
            path.clone()
        } else {
            format!("{path}?{args}")
        }))
    }
}
