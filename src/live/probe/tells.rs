//! What the headers of an answer tell of what it went through.

use super::observed::{Cookie, Tells};
use crate::live::http::Response;
use crate::live::transcript::hide_cookie;

pub(super) fn tells(response: &Response) -> Tells {
    let header = |name| response.header(name).map(short);
    Tells {
        age: header("age"),
        via: header("via"),
        cache: header("x-cache").or_else(|| header("cf-cache-status")),
        cache_control: header("cache-control"),
        server: header("server"),
        http_minor: response.minor,
    }
}

/// A header's value, fit to be shown.
fn short(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).take(100).collect()
}

pub(super) fn cookie(value: &str) -> Cookie {
    let hidden = hide_cookie(&short(value));
    let (pair, attributes) = hidden.split_once(';').unwrap_or((&hidden, ""));
    Cookie {
        name: pair.split('=').next().unwrap_or_default().to_owned(),
        attributes: attributes.trim().to_owned(),
    }
}
