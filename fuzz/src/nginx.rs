//! nginx's configuration.

use sioway::nginx::{Config, Request, parse as read, violations};

use super::files::text;

/// No text makes the reader of nginx configurations panic, hang, or point outside the text.
pub(crate) fn parse(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let tree = read(text);
    for directive in tree.walk() {
        assert!(text.get(directive.span.start..directive.span.end).is_some());
    }
    for problem in &tree.problems {
        assert!(text.get(problem.span.start..problem.span.end).is_some(), "{problem:?}");
    }
    let config = Config::alone(&tree);
    let _ = violations(&config);
    let _ = config.unknown_variables();
    for path in ["/a/b?c", "/socket.io/?EIO=4&transport=polling"] {
        let _ = config.route(&Request::get(80, path));
    }
}
