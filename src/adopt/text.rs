//! The text of an app.toml: keys in the order of the schema, and above each what is said about it.

use std::fmt::Write;

use serde_json::{Map, Value as Json, json};

use super::draft::Draft;
use crate::spec::{Spec, Workload, app_keys};

/// How long a line of a comment gets.
const WIDTH: usize = 110;

/// Tables that are written on one line.
const INLINE: [&str; 5] = ["selector", "labels", "annotations", "ingress.tls", "workload.env"];

/// Keys that an app.toml has whatever their value.
const ALWAYS: [&str; 3] = ["name", "host", "port"];

/// The text of a draft.
pub(super) fn of(draft: &Draft, schema: &str) -> String {
    let mut text = format!("#:schema {schema}\n");
    if !draft.preamble.is_empty() {
        text.push_str("#\n");
        draft.preamble.iter().for_each(|line| comment(&mut text, line));
    }
    text.push('\n');
    let writer = Writer { draft, defaults: defaults() };
    let keys = top_level();
    for key in keys.iter().filter(|key| !is_section(key)) {
        writer.key(&mut text, key);
    }
    for section in keys.iter().filter(|key| is_section(key)) {
        writer.section(&mut text, section);
    }
    text
}

/// What holds where nothing is written. `[workload]` itself is absent by default, but not what is in it.
fn defaults() -> Json {
    let mut defaults = serde_json::to_value(Spec::default()).expect("a spec is JSON");
    defaults["workload"] = json!({
        "cpu": Workload::default_cpu(),
        "memory": Workload::default_memory(),
        "user": Workload::default_user(),
    });
    defaults
}

/// A value as TOML on one line.
pub(super) fn value(json: &Json) -> String {
    let key = |key: &str| if is_bare(key) { key.to_owned() } else { escaped(key) };
    match json {
        Json::String(text) if text.chars().any(is_odd) => escaped(text),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(value).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(map) if !map.is_empty() => {
            let entry = |(name, one): (&String, &Json)| format!("{} = {}", key(name), value(one));
            let entries: Vec<String> = map.iter().map(entry).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        _ => match toml::Value::try_from(json) {
            Ok(value) => value.to_string(),
            Err(_) => json.to_string(),
        },
    }
}

fn is_bare(key: &str) -> bool {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !key.is_empty() && key.bytes().all(bare)
}

/// The keys of the outermost table, in the order of the schema.
fn top_level() -> Vec<&'static str> {
    let plain = |key: &&str| !key.contains('.') && !key.contains("[]");
    let keys = app_keys().iter().map(|key| key.path.as_str());
    let mut found: Vec<&str> = Vec::new();
    for key in keys.map(|key| key.split('.').next().unwrap_or(key)) {
        if plain(&key) && !found.contains(&key) {
            found.push(key);
        }
    }
    found
}

/// The keys right below a table.
fn below(section: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let inside =
        app_keys().iter().filter_map(|key| key.path.strip_prefix(section)?.strip_prefix('.'));
    for rest in inside {
        let name = rest.split('.').next().unwrap_or(rest).trim_end_matches("[]");
        let key = format!("{section}.{name}");
        if !found.contains(&key) {
            found.push(key);
        }
    }
    found
}

fn is_section(key: &str) -> bool {
    !INLINE.contains(&key) && !below(key).is_empty()
}

struct Writer<'d> {
    draft: &'d Draft,
    defaults: Json,
}

impl Writer<'_> {
    /// The value that is written: one that is not the default anyway.
    fn written(&self, key: &str) -> Option<&Json> {
        let value = self.draft.get(key)?;
        let is_default = self.default(key) == Some(value) && !ALWAYS.contains(&key);
        let is_empty = value.as_object().is_some_and(Map::is_empty)
            || value.as_array().is_some_and(Vec::is_empty);
        (!is_default && !is_empty && !value.is_null()).then_some(value)
    }

    fn default(&self, key: &str) -> Option<&Json> {
        key.split('.').try_fold(&self.defaults, |json, name| json.get(name))
    }

    fn notes(&self, key: &str) -> &[String] {
        self.draft.notes.get(key).map_or(&[], Vec::as_slice)
    }

    /// A key on a line of its own, below what is said about it.
    fn key(&self, text: &mut String, key: &str) {
        let name = key.rsplit('.').next().unwrap_or(key);
        for note in self.notes(key) {
            comment(text, note);
        }
        if let Some(value) = self.written(key) {
            push_key(text, "", name, value);
        } else if !self.notes(key).is_empty()
            && let Some(default) = self.default(key).filter(|value| is_plain(value))
        {
            push_key(text, "# ", name, default);
        }
    }

    /// A table, with its lists of tables at its end.
    fn section(&self, text: &mut String, section: &str) {
        let keys = below(section);
        let lists: Vec<&String> = keys.iter().filter(|key| self.is_list(key)).collect();
        let plain: Vec<&String> = keys.iter().filter(|key| !self.is_list(key)).collect();
        let speaks = |key: &&String| self.written(key).is_some() || !self.notes(key).is_empty();
        let has_plain = plain.iter().any(speaks);
        let is_absent = plain.iter().chain(&lists).all(|key| self.written(key).is_none());
        if has_plain || !self.notes(section).is_empty() {
            text.push('\n');
            for note in self.notes(section) {
                comment(text, note);
            }
            // An empty `[workload]` would ask for one.
            let mark = if is_absent { "# " } else { "" };
            let _ = writeln!(text, "{mark}[{section}]");
            for key in plain {
                self.key(text, key);
            }
        }
        for key in lists {
            self.list(text, key);
        }
    }

    fn is_list(&self, key: &str) -> bool {
        let of_tables =
            |value: &Json| value.as_array().is_some_and(|items| items.iter().any(Json::is_object));
        self.draft.get(key).is_some_and(of_tables)
            || matches!(key, "nginx.location" | "ingress.route")
    }

    fn list(&self, text: &mut String, key: &str) {
        if !self.notes(key).is_empty() {
            text.push('\n');
        }
        for note in self.notes(key) {
            comment(text, note);
        }
        let items = self.draft.get(key).and_then(Json::as_array);
        for item in items.into_iter().flatten().filter_map(Json::as_object) {
            let _ = writeln!(text, "\n[[{key}]]");
            let entries = item.iter().filter(|(_, value)| !value.is_null());
            for (name, value) in entries {
                push_key(text, "", name, value);
            }
        }
    }
}

fn push_key(text: &mut String, mark: &str, name: &str, value: &Json) {
    let _ = writeln!(text, "{mark}{name} = {}", self::value(value));
}

fn is_plain(value: &Json) -> bool {
    value.is_string() || value.is_number() || value.is_boolean()
}

/// A comment, in lines that are not too long. What the user's files say may hold anything.
/// Whether a character steers a terminal, or turns the direction of writing.
fn is_odd(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text in which nothing does so before it is read.
fn escaped(text: &str) -> String {
    // TOML takes all the escapes of JSON, which leaves some of these characters as they are.
    let json = Json::from(text).to_string();
    let escape = |character: char| {
        if is_odd(character) {
            format!("\\u{:04X}", u32::from(character))
        } else {
            character.to_string()
        }
    };
    json.chars().map(escape).collect()
}

fn comment(text: &mut String, note: &str) {
    let clean: String = note.chars().map(|c| if is_odd(c) { ' ' } else { c }).collect();
    let mut line = String::from("#");
    for word in clean.split_whitespace() {
        if line.len() > 1 && line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_left_out_and_comments_stay_comments() {
        let mut draft = Draft::default();
        draft.set("name", "chat");
        draft.set("port", 3000);
        draft.set("namespace", "default");
        draft.set("session.max-age", "24h");
        draft.note("session.max-age", "timeoutSec was 30\nname = \"x\"");
        draft.set(
            "nginx.location",
            serde_json::json!([{"path": "/", "root": "/a b", "fallback": null}]),
        );
        assert_eq!(
            draft.text("./app.schema.json"),
            "#:schema ./app.schema.json\n\nname = \"chat\"\nport = 3000\n\n# [session]\n\
             # timeoutSec was 30 name = \"x\"\n# max-age = \"24h\"\n\n\
             [[nginx.location]]\npath = \"/\"\nroot = \"/a b\"\n"
        );
    }

    #[test]
    fn values_stay_on_their_line_and_steer_nothing() {
        let text = "it's\n\u{1b}[31m\u{9b}\u{202e}\"\\";
        for json in [json!(text), json!([text, 1]), json!({"a b": text, text: true, "c": {}})] {
            let written = value(&json);
            assert!(!written.contains(is_odd), "{written:?}");
            let read: toml::Table = format!("k = {written}").parse().unwrap();
            assert_eq!(serde_json::to_value(&read["k"]).unwrap(), json);
        }
    }

    #[test]
    fn sections_follow_the_schema() {
        let sections: Vec<&str> = top_level().into_iter().filter(|key| is_section(key)).collect();
        assert_eq!(
            sections,
            [
                "socketio",
                "session",
                "health",
                "cdn",
                "nginx",
                "ingress",
                "names",
                "workload",
                "monitoring",
                "verify"
            ]
        );
    }
}
