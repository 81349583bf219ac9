//! URL paths as the browser requests them.
//!
//! Letters, digits and `-._~/` only: what an Ingress path, an nginx location and a
//! Socket.IO `path` option all read the same way, unescaped. Percent escapes, `*`,
//! `//` and dot segments mean different things to the three, so they are refused.

use super::newtype::{Invalid, checked_text, only};

const PATH_MAX: usize = 1024;

checked_text!(
    /// A URL path: begins with `/`.
    UrlPath, check_path,
    expecting: "a URL path such as \"/health\"",
    schema: { "title": "URL path", "pattern": "^/([-A-Za-z0-9._~]+/)*[-A-Za-z0-9._~]*$", "maxLength": 1024 }
);

checked_text!(
    /// A URL path that holds others: begins and ends with `/`.
    UrlPrefix, check_prefix,
    expecting: "a URL path such as \"/socket.io/\"",
    schema: { "title": "URL path", "pattern": "^/([-A-Za-z0-9._~]+/)*$", "maxLength": 1024 }
);

impl UrlPrefix {
    /// Whether a request for `path` falls under this prefix.
    pub fn holds(&self, path: &str) -> bool {
        path.starts_with(self.as_str()) || path == self.without_slash()
    }

    /// The prefix without its closing slash; empty for `/`.
    pub fn without_slash(&self) -> &str {
        self.as_str().trim_end_matches('/')
    }
}

fn check_path(text: &str) -> Result<(), Invalid> {
    if !text.starts_with('/') {
        return Err(Invalid::new("a path begins with `/`"));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
    only(text, plain, "a path is made of letters, digits and `-._~/`")?;
    if text.len() > PATH_MAX {
        return Err(Invalid::new(format!("a path has at most {PATH_MAX} characters")));
    }
    if text.contains("//") {
        return Err(Invalid::new("a path has no empty segment (`//`)"));
    }
    if text.split('/').any(|segment| segment == "." || segment == "..") {
        return Err(Invalid::new("a path has no `.` or `..` segment"));
    }
    Ok(())
}

fn check_prefix(text: &str) -> Result<(), Invalid> {
    check_path(text)?;
    if !text.ends_with('/') {
        return Err(Invalid::new(format!("this path ends with `/`: write \"{text}/\"")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_plain_paths_only() {
        for good in ["/", "/health", "/a/b.c/~d_e-f/"] {
            assert!(good.parse::<UrlPath>().is_ok(), "{good}");
        }
        for bad in [
            "", "health", "//", "/a//b", "/a/../b", "/.", "/a%20b", "/a*", "/a?b", "/a b", "/a;b",
            "/é", "/$x",
        ] {
            assert!(bad.parse::<UrlPath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn prefixes_end_with_a_slash() {
        let error = "/socket.io".parse::<UrlPrefix>().unwrap_err();
        assert_eq!(error.to_string(), "this path ends with `/`: write \"/socket.io/\"");
        assert!("/".parse::<UrlPrefix>().is_ok());
    }

    #[test]
    fn holds_what_is_below_it_and_itself() {
        let prefix: UrlPrefix = "/chat/".parse().unwrap();
        assert!(prefix.holds("/chat") && prefix.holds("/chat/") && prefix.holds("/chat/a"));
        assert!(!prefix.holds("/chats") && !prefix.holds("/"));
    }
}
