//! Paths as the user can click them: relative to where they stand.

use std::env;
use std::sync::LazyLock;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// Where the user stands: nothing here goes elsewhere.
static HERE: LazyLock<Option<Utf8PathBuf>> = LazyLock::new(|| {
    env::current_dir().ok().and_then(|here| Utf8PathBuf::from_path_buf(here).ok())
});

/// A path as the user can click it.
pub(super) fn shown(path: &Utf8Path) -> String {
    if !path.is_absolute() {
        return path.to_string();
    }
    HERE.as_ref().map_or_else(|| path.to_string(), |here| relative(path, here))
}

/// The way from `here` to `path`, both absolute.
fn relative(path: &Utf8Path, here: &Utf8Path) -> String {
    let path = normal(path);
    let mut up = Utf8PathBuf::new();
    for directory in here.ancestors() {
        if let Ok(rest) = path.strip_prefix(directory) {
            let shown = up.join(rest);
            return if shown.as_str().is_empty() { ".".into() } else { shown.into_string() };
        }
        up.push("..");
    }
    path.into_string()
}

fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut normal = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_where_the_user_stands() {
        let shown = |path: &str, here: &str| relative(Utf8Path::new(path), Utf8Path::new(here));
        assert_eq!(shown("/w/apps/chat/app.toml", "/w"), "apps/chat/app.toml");
        assert_eq!(shown("/w/apps/chat/app.toml", "/w/apps/chat"), "app.toml");
        assert_eq!(shown("/w/out", "/w/apps/chat"), "../../out");
        assert_eq!(shown("/w/a/../b", "/w"), "b");
        assert_eq!(shown("/w", "/w"), ".");
    }
}
