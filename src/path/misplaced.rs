//! A configuration that is mounted where nginx reads another kind of file.
//!
//! nginx's own images begin with `/etc/nginx/nginx.conf`, and that includes `conf.d/*.conf` within its `http`
//! (`nginx/docker-nginx:mainline/debian`).

use super::Site;
use super::site_files::{CONF_D, mounted};
use crate::nginx::{Context, NodeId, ROOT, Shape, rows};

const WHOLE: &str = "/etc/nginx/nginx.conf";

/// What nginx refuses of a file because of where it is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misplaced {
    /// The first line that it refuses.
    pub line: NodeId,
    /// Where the file is in the container.
    pub path: String,
    /// Whether it is a whole `nginx.conf` in the place of a part.
    pub is_whole: bool,
}

impl Site<'_> {
    /// What nginx refuses because of where all that mount this configuration have it.
    pub fn misplaced(&self) -> Option<Misplaced> {
        let is_whole = match self.config.shape() {
            Shape::Full => true,
            Shape::Http => false,
            _ => return None,
        };
        let mut paths = self.containers.iter().map(|(workload, container)| {
            let plain = container.official_nginx().is_some() && !container.runs_a_command();
            let files = mounted(self.set, workload, container);
            let has_own = files.iter().any(|(path, _)| path == WHOLE);
            let root = |index: usize| std::ptr::eq(&raw const self.set.nginx[index], self.root);
            let (path, _) = files.into_iter().find(|(_, index)| root(*index))?;
            let in_part =
                path.starts_with(CONF_D) && path.strip_suffix(".conf").is_some() && !has_own;
            let wrong = if is_whole { in_part } else { path == WHOLE };
            (plain && wrong).then_some(path)
        });
        let path = paths.next()??;
        let everywhere = paths.all(|other| other.is_some_and(|other| other == path));
        let context = if is_whole { Context::Http } else { Context::Main };
        let refused = |line: &&NodeId| {
            let known = rows(self.config.name(**line));
            !known.is_empty() && !known.iter().any(|row| row.allows(context))
        };
        let line = *self.config.children(ROOT).iter().find(refused)?;
        everywhere.then_some(Misplaced { line, path, is_whole })
    }
}
