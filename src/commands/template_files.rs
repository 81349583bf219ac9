//! The user's own templates.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::files::read_text;
use super::paths::{check_within, shown};
use super::render::lock::is_plain_name;
use super::stop::{Doing, Result, Stop};
use crate::diagnostic::Diagnostic;
use crate::render::{OwnTemplate, TemplateSet};

/// Reads every `*.yaml.j2`, `*.json.j2` and `*.conf.j2` of a directory.
pub(super) fn read(directory: &Utf8Path) -> Result<TemplateSet> {
    let mut own = BTreeMap::new();
    for entry in directory.read_dir_utf8().doing("read", directory)? {
        let path = entry.doing("read", directory)?.into_path();
        let Some(name) = path.file_name().and_then(|name| name.strip_suffix(".j2")) else {
            continue;
        };
        if ![".yaml", ".json", ".conf"].iter().any(|suffix| name.ends_with(suffix)) {
            let problem = Diagnostic::bare(
                "template-name",
                format!("`{}` is a template of no known language", shown(&path)),
            );
            return Err(Stop::call(
                problem.help("templates are named *.yaml.j2, *.json.j2 or *.conf.j2"),
            ));
        }
        if !is_plain_name(name) {
            let problem = Diagnostic::bare(
                "template-name",
                format!("`{}` cannot name a rendered file", shown(&path)),
            );
            return Err(Stop::call(problem.help(
                "use letters, digits, `.`, `_` and `-`, and begin with a letter or a digit",
            )));
        }
        check_within(&path, directory)?;
        own.insert(name.to_owned(), OwnTemplate { shown: shown(&path), text: read_text(&path)? });
    }
    if own.is_empty() {
        let problem =
            Diagnostic::bare("no-templates", format!("`{}` holds no templates", shown(directory)));
        return Err(Stop::call(problem.help(format!(
            "`sioway templates eject {}` puts the embedded ones there",
            shown(directory)
        ))));
    }
    Ok(TemplateSet::with(own))
}
