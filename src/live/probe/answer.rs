//! What an answer says when it is not the one that was hoped for.

use super::observed::{Seen, Try};
use crate::live::client::{Answered, Client};
use crate::live::engineio::{Open, code_of_json, code_of_text, message};
use crate::live::http::Response;
use crate::live::transcript::hide_query;
use crate::live::trouble::Trouble;

/// A request that went well.
pub(super) fn fine(millis: u64, detail: impl Into<String>) -> Try {
    Try { seen: Seen::Fine, millis, detail: detail.into() }
}

/// What an answer says that is not as it should be.
pub(super) fn other(client: &Client, answered: &Answered) -> Try {
    match &answered.answer {
        Ok(response) => Try {
            seen: of_response(response),
            millis: answered.millis,
            detail: detail(client, response),
        },
        Err(trouble) => of_trouble(trouble, answered.millis),
    }
}

/// What trouble says.
pub(super) fn of_trouble(trouble: &Trouble, millis: u64) -> Try {
    let seen = match trouble {
        Trouble::OutOfTime => Seen::NotTried,
        Trouble::Silent(_) | Trouble::Slow { .. } => Seen::Silent,
        Trouble::Closed | Trouble::Short(_) => Seen::Cut,
        Trouble::Nonsense(_) | Trouble::TooLarge { .. } => Seen::Broken,
        unreachable if unreachable.is_unreachable() => Seen::Unreachable,
        _ => Seen::Broken,
    };
    let detail = match trouble {
        Trouble::Closed => format!("{trouble} (after {:.1} s)", seconds(millis)),
        _ => trouble.to_string(),
    };
    Try { seen, millis, detail }
}

#[allow(clippy::cast_precision_loss, reason = "it is for people")]
pub(super) fn seconds(millis: u64) -> f64 {
    millis as f64 / 1_000.0
}

fn of_response(response: &Response) -> Seen {
    let status = response.status;
    let text = response.text();
    if let (300..400, Some(location)) = (status, response.header("location")) {
        let location = hide_query(location);
        return Seen::Redirect { status, location };
    }
    if status >= 400 {
        let json = code_of_json(&text).map(|code| (code, true));
        let code = json.or_else(|| Some((code_of_text(&text)?, false)));
        return match code {
            Some((code, json)) => Seen::Refused { status, code, json },
            None => Seen::Status { status, body: !response.body.is_empty() },
        };
    }
    if Open::parse(text.trim()).is_some() {
        return Seen::OpenedAgain;
    }
    match status {
        200 => Seen::Unexpected,
        _ => Seen::Status { status, body: !response.body.is_empty() },
    }
}

fn detail(client: &Client, response: &Response) -> String {
    let status = response.status;
    match of_response(response) {
        Seen::Refused { code, json, .. } => {
            let form = if json { "as JSON" } else { "as bare text" };
            format!("{status} code {code} ({}), {form}", message(code))
        }
        Seen::Redirect { location, .. } => redirect(client, status, &location),
        Seen::OpenedAgain => format!("{status} with the packet that opens a session"),
        // 304 leads nowhere by design.
        _ if (300..400).contains(&status) && status != 304 => {
            format!("{status} without a `Location`, so to nowhere")
        }
        _ if response.body.is_empty() => format!("{status} without a body"),
        _ if status >= 400 && response.text().contains(NGINX_PAGE) => {
            format!("{status} with {BY_NGINX}")
        }
        _ => format!("{status} {}", client.transcript.body(response)),
    }
}

/// What stands at the end of every page that nginx makes by itself
/// (`nginx/nginx:src/http/ngx_http_special_response.c`).
const NGINX_PAGE: &str = "<center>nginx";

/// What an answer is called that has such a page.
pub(super) const BY_NGINX: &str = "a page of nginx's own";

fn redirect(client: &Client, status: u16, location: &str) -> String {
    let to = location.escape_debug();
    match client.url.join(location) {
        Ok(_) => format!("{status} to {to}"),
        Err(error) => format!("{status} to `{to}`, where no client gets: {error}"),
    }
}
