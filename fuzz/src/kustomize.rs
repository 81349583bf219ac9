//! Kustomize's builds, and the way back into its files.

use sioway::diagnostic::{Edit, Sources};
use sioway::kustomize::{Lay, Tree, build, named};
use sioway::manifest::{Node, Path, Step};
use sioway::set::{File, Set};

use super::files::{split, text};

/// Any tree of files is built or refused; what is built are manifests, and each value in it has a way back.
pub(crate) fn kustomize(bytes: &[u8]) {
    let Some(input) = text(bytes) else { return };
    let (mut sources, mut tree) = (Sources::default(), Tree::default());
    for (name, text) in split(input, "kustomization.yaml") {
        let _ = named(name, text);
        tree.add(name, sources.add(name, text));
    }
    let Ok(built) = build(&tree, &sources, "", ".") else { return };
    let source = sources.add("built.yaml", built.text.as_str());
    let files = [File::of(&sources, source, true)];
    let stream = files[0].stream().expect("a manifest");
    assert_eq!(stream.problems, [], "{}", built.text);
    let set = Set::new(&files);
    for object in &set.objects {
        let mut paths = Vec::new();
        scalars(object.node, &Path::default(), &mut paths);
        for (path, lay) in
            paths.into_iter().flat_map(|path| [(path.clone(), Lay::Over), (path, Lay::Under)])
        {
            let edit = Edit::set(object.node.span(), path, "x");
            if let Some(landing) = built.landing(&sources, object, &edit, (None, lay))
                && let Ok(addition) = landing.outcome
            {
                let text = &sources.get(addition.source).text;
                let _ = sioway::fix::apply(text, &[addition.edit]);
            }
        }
    }
}

/// The paths of the first few scalars.
fn scalars(node: Node<'_>, path: &Path, found: &mut Vec<Path>) {
    if found.len() > 20 {
        return;
    }
    if node.scalar().is_some() {
        found.push(path.clone());
    }
    for entry in node.entries() {
        let path = path.clone().then(Step::Key(entry.key().into_owned()));
        scalars(entry.value(), &path, found);
    }
    for (index, item) in node.items().enumerate() {
        scalars(item, &path.clone().then(Step::Index(index)), found);
    }
}
