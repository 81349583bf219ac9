//! What arguments may say.

use std::time::Duration;

use crate::live::engineio::Eio;
use crate::live::http::is_token;
use crate::spec::{Bytes, Milliseconds};

type Parsed<T> = Result<T, String>;

pub(super) fn eio(text: &str) -> Parsed<Eio> {
    match text {
        "3" => Ok(Eio::Three),
        "4" => Ok(Eio::Four),
        _ => Err("versions are 3 and 4".into()),
    }
}

pub(in crate::commands) fn duration(text: &str) -> Parsed<Duration> {
    let length: Milliseconds = text.parse().map_err(|error| format!("{error}"))?;
    match length.get() {
        0 => Err("this takes some time".into()),
        length @ 1..=86_400_000 => Ok(Duration::from_millis(length)),
        _ => Err("a day is the most".into()),
    }
}

pub(in crate::commands) fn timeout(text: &str) -> Parsed<Duration> {
    duration(text).and_then(|length| match length.as_secs() {
        0..=600 => Ok(length),
        _ => Err("ten minutes are the most".into()),
    })
}

pub(super) fn size(text: &str) -> Parsed<u64> {
    let size: Bytes = text.parse().map_err(|error| format!("{error}"))?;
    match size.get() {
        size @ 1..=100_000_000 => Ok(size),
        _ => Err("100MB are the most".into()),
    }
}

pub(super) fn header(text: &str) -> Parsed<(String, String)> {
    let (name, value) = text.split_once(':').ok_or("write `NAME: VALUE`")?;
    let value = value.trim();
    if !is_token(name) {
        return Err("a header's name is made of letters, digits and `-`".into());
    }
    if value.chars().any(char::is_control) {
        return Err("a header's value has no control characters".into());
    }
    let ours = ["content-length", "transfer-encoding", "connection", "upgrade"];
    let lower = name.to_ascii_lowercase();
    if ours.contains(&lower.as_str()) || lower.starts_with("sec-websocket-") {
        return Err("this header is the probe's own".into());
    }
    Ok((name.to_owned(), value.to_owned()))
}
