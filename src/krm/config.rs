//! The configuration of the function: an app, or nothing.

use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Label, SourceId};
use crate::manifest::{self, Node};
use crate::spec::{Entry, Node as TomlNode, Origin, Table, Value};

/// The API group of the kind that describes an app, and its version.
const API: &str = "sioway/v1";

/// What a function is to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Config {
    /// Judge the objects that are there.
    Check,
    /// Render an app, too: its table, and where it is named.
    App(Table, Origin),
    /// Render an app whose description is this text of TOML, which stands there.
    Text(String, Origin),
}

/// What a list says: `functionConfig`.
///
/// A `kind: App` of `sioway/v1` has an app.toml as YAML in `spec`; the name and the namespace may also stand in
/// `metadata`. A ConfigMap has its text in `data["app.toml"]`. Without either the objects are only judged.
pub fn read(list: Node<'_>, source: SourceId) -> Result<Config, Diagnostic> {
    let Some(config) = list.get("functionConfig").filter(|config| !config.is_null()) else {
        return Ok(Config::Check);
    };
    let text = |keys: &[&str]| config.at(keys).and_then(Node::as_str);
    match (text(&["apiVersion"]), text(&["kind"])) {
        (Some(API), Some("App")) => app(config, source),
        (Some("v1"), Some("ConfigMap")) => config_map(config, source),
        _ => Err(wrong(config.get("kind").unwrap_or(config), source, "this configures no sioway")),
    }
}

/// kpt hands on an empty ConfigMap where the user gave nothing.
fn config_map(config: Node<'_>, source: SourceId) -> Result<Config, Diagnostic> {
    let Some(data) = config.get("data").filter(|data| data.entries().next().is_some()) else {
        return Ok(Config::Check);
    };
    let Some(toml) = data.get("app.toml") else {
        return Err(wrong(data, source, "there is no `app.toml` in this data"));
    };
    let text = toml.as_str().ok_or_else(|| wrong(toml, source, "`app.toml` is a text"))?;
    Ok(Config::Text(text.to_owned(), Origin { source, span: toml.span() }))
}

fn wrong(node: Node<'_>, source: SourceId, message: &str) -> Diagnostic {
    let label = Label::new(source, node.span(), "");
    let help = "write `apiVersion: sioway/v1`, `kind: App` with an app.toml's keys in `spec`, or a ConfigMap \
                with an `app.toml`; leave it out to judge what is there";
    Diagnostic::at("function-config", message, label).help(help)
}

fn app(config: Node<'_>, source: SourceId) -> Result<Config, Diagnostic> {
    let Some(spec) = config.get("spec").filter(|spec| spec.is_map()) else {
        return Err(wrong(
            config.get("spec").unwrap_or(config),
            source,
            "`spec` has the keys of app.toml",
        ));
    };
    let own = table(spec, source);
    let from_metadata = |key: &str| {
        let entry = config.get("metadata")?.entry(key)?;
        let given = own.get(key).is_some() || entry.value().is_null();
        (!given).then(|| toml_entry(entry, source)).flatten()
    };
    let lent = ["name", "namespace"].into_iter().filter_map(from_metadata);
    let table: Table = lent.chain(own.entries().iter().cloned()).collect();
    let named = table.get("name").map(|entry| entry.node.at);
    Ok(Config::App(table, named.unwrap_or(Origin { source, span: spec.span() })))
}

/// A map as a table of TOML. What is null is not given.
fn table(map: Node<'_>, source: SourceId) -> Table {
    map.entries().filter_map(|entry| toml_entry(entry, source)).collect()
}

fn toml_entry(entry: manifest::Entry<'_>, source: SourceId) -> Option<Entry> {
    let key_at = Origin { source, span: entry.key_span() };
    let node = toml_node(entry.value(), source, 0)?;
    Some(Entry { key: entry.key().into_owned(), key_at, node })
}

fn toml_node(node: Node<'_>, source: SourceId, index: usize) -> Option<TomlNode> {
    let value = if node.is_map() {
        Value::Table(table(node, source))
    } else if node.is_list() {
        let items = node.items().enumerate();
        Value::Array(items.filter_map(|(index, item)| toml_node(item, source, index)).collect())
    } else {
        match node.value()? {
            manifest::Value::Null => return None,
            manifest::Value::Bool(truth) => Value::Boolean(truth),
            manifest::Value::Int(number) => Value::Integer(number),
            manifest::Value::Float(number) => Value::Other("a fraction", number.to_string()),
            manifest::Value::Text(text) => Value::String(text.to_owned()),
        }
    };
    Some(TomlNode { value, at: Origin { source, span: node.span() }, index })
}

/// A value as JSON has it. Numbers that JSON does not have are null.
pub fn json(node: Node<'_>) -> Json {
    if node.is_map() {
        return node
            .entries()
            .map(|entry| (entry.key().into_owned(), json(entry.value())))
            .collect();
    }
    if node.is_list() {
        return node.items().map(json).collect();
    }
    match node.value() {
        None | Some(manifest::Value::Null) => Json::Null,
        Some(manifest::Value::Bool(truth)) => truth.into(),
        Some(manifest::Value::Int(number)) => number.into(),
        Some(manifest::Value::Float(number)) => number.into(),
        Some(manifest::Value::Text(text)) => text.into(),
    }
}
