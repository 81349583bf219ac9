//! The minijinja environment: strict, frugal, and escaping whatever it prints.
//!
//! It starts empty. A template has the filters and tests below and no others: none that
//! could mark a text as safe. What a template does is bounded in steps, not in memory: a
//! user's own templates are code that is trusted, like a Makefile of theirs.

use std::borrow::Cow;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, filters,
    tests,
};

use super::{Style, nginx_conf, yaml};

const YAML: &str = "yaml";
const NGINX: &str = "nginx";
const JSON: &str = "json";

/// How many instructions a user's template may run: a loop without end is a mistake that is told, not waited for.
/// The largest of ours takes a few thousand for a hundred hosts.
const FUEL: u64 = 2_000_000;

/// A deep indentation is a mistake, and memory.
const INDENT_MAX: usize = 64;

pub(super) fn new(style: &Style) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // Counting takes time, and the embedded templates are known to end.
    environment.set_fuel(style.templates.is_users().then_some(FUEL));
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("a constant"),
    );
    environment.set_auto_escape_callback(language);
    environment.set_formatter(format);
    let (templates, comments) = (style.templates.clone(), style.comments);
    environment
        .set_loader(move |name| Ok(templates.source(name.trim_end_matches(".j2"), comments)));
    add_filters(&mut environment);
    add_tests(&mut environment);
    environment
}

fn add_filters(environment: &mut Environment<'static>) {
    environment.add_filter("items", filters::items);
    environment.add_filter("length", filters::length);
    environment.add_filter("join", filters::join);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("string", |value: &Value| value.to_string());
    environment.add_filter("sha256", |text: &str| super::sha256(text.as_bytes()));
    environment.add_filter("json", json);
    environment.add_filter("comment", comment);
    environment.add_filter("block", block);
    environment.add_filter("indent", indent);
}

fn add_tests(environment: &mut Environment<'static>) {
    environment.add_test("number", tests::is_number);
    environment.add_test("defined", tests::is_defined);
    environment.add_test("none", tests::is_none);
}

/// A template's language is told by its name; one of no known language prints no value.
fn language(name: &str) -> AutoEscape {
    let name = name.trim_end_matches(".j2");
    match name.rsplit('.').next() {
        Some("yaml" | "yml") => AutoEscape::Custom(Cow::Borrowed(YAML)),
        Some("conf") => AutoEscape::Custom(Cow::Borrowed(NGINX)),
        Some("json") => AutoEscape::Custom(Cow::Borrowed(JSON)),
        _ => AutoEscape::None,
    }
}

/// Escapes for the language at hand. There is no way round it: switching escaping off is an error.
fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_safe() {
        return Ok(out.write_str(value.as_str().unwrap_or_default())?);
    }
    if matches!(value.kind(), ValueKind::Undefined | ValueKind::None) {
        return Err(Error::new(ErrorKind::UndefinedError, "there is nothing to print here"));
    }
    match state.auto_escape() {
        AutoEscape::Custom(language) if language == YAML => yaml::write(out, value),
        AutoEscape::Custom(language) if language == NGINX => nginx_conf::write(out, value),
        AutoEscape::Custom(language) if language == JSON => Ok(out.write_str(&json(value)?)?),
        _ => Err(Error::new(
            ErrorKind::InvalidOperation,
            "values are printed in templates named *.yaml, *.json or *.conf, with escaping on",
        )),
    }
}

/// A value as compact JSON: still a string, which the place it is printed in quotes.
fn json(value: &Value) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| refused(error.to_string()))
}

/// A text as a comment, `#` included: whatever it says, it says it to nobody but people and sioway itself.
fn comment(text: &str) -> Result<Value, Error> {
    if text.contains(|c: char| c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')) {
        return Err(refused("a comment is one line"));
    }
    Ok(Value::from_safe_string(format!("# {text}")))
}

/// A text as a literal block of YAML, `indent` deep.
fn block(state: &State, text: &str, indent: usize) -> Result<Value, Error> {
    if !matches!(state.auto_escape(), AutoEscape::Custom(language) if language == YAML) {
        return Err(refused("a block is a thing of YAML"));
    }
    check_indent(indent)?;
    Ok(Value::from_safe_string(yaml::block(text, indent)))
}

/// Indents every line that is not empty. What was escaped stays so, and nothing else becomes it.
fn indent(value: &Value, indent: usize) -> Result<Value, Error> {
    check_indent(indent)?;
    let text = value.as_str().ok_or_else(|| refused("only text has lines"))?;
    let text = indented(text, indent);
    Ok(if value.is_safe() { Value::from_safe_string(text) } else { Value::from(text) })
}

fn indented(text: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for line in text.split_inclusive('\n') {
        if line != "\n" {
            out.push_str(&margin);
        }
        out.push_str(line);
    }
    out
}

fn check_indent(indent: usize) -> Result<(), Error> {
    if indent > INDENT_MAX {
        return Err(refused(format!("an indentation is at most {INDENT_MAX}")));
    }
    Ok(())
}

fn refused(reason: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, reason)
}
