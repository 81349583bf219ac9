//! Where nginx sends to within its own pod.

use crate::set::NginxText;

/// The ports of the pod's own loopback that a configuration sends to.
pub(super) fn ports(text: &NginxText<'_>) -> Vec<i64> {
    let senders = text.tree.walk().filter(|one| matches!(&*one.name.text, "server" | "proxy_pass"));
    senders.filter_map(|one| port(one.argument(0)?)).collect()
}

fn port(target: &str) -> Option<i64> {
    let target = target.strip_prefix("http://").unwrap_or(target);
    let authority = target.split('/').next()?;
    let (host, port) = authority.rsplit_once(':')?;
    matches!(host, "127.0.0.1" | "localhost" | "[::1]").then(|| port.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn only_the_loopback_is_the_own_pod() {
        assert_eq!(port("127.0.0.1:3000"), Some(3000));
        assert_eq!(port("http://localhost:80/a:b"), Some(80));
        for other in ["http://socketio", "chat:3000", "http://127.0.0.1", "unix:/tmp/a"] {
            assert_eq!(port(other), None);
        }
    }
}
