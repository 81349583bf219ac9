//! What holds where nothing is written.
//!
//! From the reference of each directive at nginx.org; the ones that changed carry the version.

/// A release of nginx.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u16, pub u16, pub u16);

/// The value of a directive that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Default {
    /// The directive.
    pub name: &'static str,
    /// The arguments, as they would be written.
    pub value: &'static str,
    /// The first version in which it holds, and what held before.
    pub since: Option<(Version, &'static str)>,
}

impl Default {
    /// The value in a version.
    pub fn in_version(&self, version: Version) -> &'static str {
        match self.since {
            Some((since, before)) if version < since => before,
            _ => self.value,
        }
    }
}

/// The default of a directive; `None` if it has none that is listed here.
pub fn default_of(name: &str) -> Option<&'static Default> {
    DEFAULTS.iter().find(|one| one.name == name)
}

const fn always(name: &'static str, value: &'static str) -> Default {
    Default { name, value, since: None }
}

const fn since(
    name: &'static str,
    value: &'static str,
    version: Version,
    before: &'static str,
) -> Default {
    Default { name, value, since: Some((version, before)) }
}

const DEFAULTS: &[Default] = &[
    always("absolute_redirect", "on"),
    always("client_body_buffer_size", "16k"),
    always("client_body_timeout", "60s"),
    always("client_header_buffer_size", "1k"),
    always("client_header_timeout", "60s"),
    always("client_max_body_size", "1m"),
    always("default_type", "text/plain"),
    always("gzip", "off"),
    always("gzip_proxied", "off"),
    // nginx 1.19.10: "the default value of the "keepalive_requests" directive was changed to 1000".
    since("keepalive_requests", "1000", Version(1, 19, 10), "100"),
    always("keepalive_time", "1h"),
    always("keepalive_timeout", "75s"),
    always("large_client_header_buffers", "4 8k"),
    always("limit_conn_status", "503"),
    always("limit_req_status", "503"),
    always("lingering_timeout", "5s"),
    always("merge_slashes", "on"),
    always("port_in_redirect", "on"),
    always("proxy_buffer_size", "4k|8k"),
    always("proxy_buffering", "on"),
    always("proxy_cache", "off"),
    always("proxy_connect_timeout", "60s"),
    // nginx 1.29.7: HTTP/1.1 with keep-alive to upstreams by default.
    since("proxy_http_version", "1.1", Version(1, 29, 7), "1.0"),
    always("proxy_ignore_client_abort", "off"),
    always("proxy_intercept_errors", "off"),
    always("proxy_next_upstream", "error timeout"),
    always("proxy_next_upstream_timeout", "0"),
    always("proxy_next_upstream_tries", "0"),
    always("proxy_pass_request_body", "on"),
    always("proxy_pass_request_headers", "on"),
    always("proxy_read_timeout", "60s"),
    always("proxy_redirect", "default"),
    always("proxy_request_buffering", "on"),
    always("proxy_send_timeout", "60s"),
    always("proxy_socket_keepalive", "off"),
    always("proxy_ssl_server_name", "off"),
    always("proxy_ssl_verify", "off"),
    always("real_ip_header", "X-Real-IP"),
    always("real_ip_recursive", "off"),
    always("reset_timedout_connection", "off"),
    always("root", "html"),
    always("send_timeout", "60s"),
    always("server_name_in_redirect", "off"),
    always("server_tokens", "on"),
    always("tcp_nodelay", "on"),
    always("underscores_in_headers", "off"),
    always("worker_connections", "512"),
    always("worker_processes", "1"),
];
