//! Which variables there are.
//!
//! nginx refuses to start with one that nothing defines: `unknown "connection_upgrade" variable`.

use std::sync::LazyLock;

use foldhash::HashSet;

use super::config::{Config, NodeId};
use super::contexts::{Violation, ViolationKind};
use super::directives::rows;
use super::template::variables;

/// The variables of nginx's own modules, from their tables in `nginx/nginx:src/http/`.
const BUILT_IN: &str = " \
    ancient_browser args binary_remote_addr body_bytes_sent bytes_sent connection connection_requests \
    connection_time connections_active connections_reading connections_waiting connections_writing content_length \
    content_type date_gmt date_local document_root document_uri fastcgi_path_info fastcgi_script_name gzip_ratio \
    host hostname http2 http3 https invalid_referer is_args limit_conn_status limit_rate limit_req_status \
    modern_browser msec msie nginx_version pid pipe proxy_add_via proxy_add_x_forwarded_for proxy_host proxy_port \
    proxy_protocol_addr proxy_protocol_port proxy_protocol_server_addr proxy_protocol_server_port query_string \
    realip_remote_addr realip_remote_port realpath_root remote_addr remote_port remote_user request request_body \
    request_body_file request_completion request_filename request_id request_length request_method request_port \
    is_request_port request_time request_uri scheme secure_link secure_link_expires server_addr server_name \
    server_port server_protocol slice_range spdy spdy_request_priority ssl_alpn_protocol ssl_cipher ssl_ciphers \
    ssl_client_cert ssl_client_escaped_cert ssl_client_fingerprint ssl_client_i_dn ssl_client_i_dn_legacy \
    ssl_client_raw_cert ssl_client_s_dn ssl_client_s_dn_legacy ssl_client_serial ssl_client_sigalg \
    ssl_client_v_end ssl_client_v_remain ssl_client_v_start ssl_client_verify ssl_curve ssl_curves \
    ssl_early_data ssl_ech_outer_server_name ssl_ech_status ssl_protocol ssl_server_name ssl_session_id \
    ssl_session_reused ssl_sigalg status tcpinfo_rcv_space tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd \
    time_iso8601 time_local uid_got uid_reset uid_set upstream_addr upstream_bytes_received upstream_bytes_sent \
    upstream_cache_age upstream_cache_etag upstream_cache_key upstream_cache_last_modified upstream_cache_status \
    upstream_connect_time upstream_header_time upstream_last_addr upstream_response_length \
    upstream_response_time upstream_status uri ";

/// What families of variables start with. The last are of modules that bring variables with any name.
const PREFIXES: [&str; 14] = [
    "arg_",
    "cookie_",
    "http_",
    "proxy_protocol_tlv_",
    "sent_http_",
    "sent_trailer_",
    "upstream_cookie_",
    "upstream_http_",
    "upstream_trailer_",
    "jwt_",
    "geoip_",
    "geoip2_",
    "otel_",
    "opentracing_",
];

/// Whether nginx, or a well-known module, brings the variable.
pub fn is_built_in(name: &str) -> bool {
    static NAMES: LazyLock<HashSet<&str>> =
        LazyLock::new(|| BUILT_IN.split_ascii_whitespace().collect());
    NAMES.contains(name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Directives that define the variable of one of their arguments: the argument's number.
const DEFINING: [(&str, usize); 10] = [
    ("set", 0),
    ("auth_request_set", 0),
    ("map", 1),
    ("charset_map", 1),
    ("split_clients", 1),
    ("perl_set", 0),
    ("js_set", 0),
    ("js_var", 0),
    ("set_by_lua_block", 0),
    ("set_by_lua_file", 0),
];

/// Whether the values of a directive of nginx's own may hold variables that it must know.
fn is_checked(name: &str) -> bool {
    const CHECKED: [&str; 15] = [
        "access_log",
        "add_header",
        "fastcgi_param",
        "hash",
        "if",
        "log_format",
        "map",
        "proxy_cache_bypass",
        "proxy_cache_key",
        "proxy_no_cache",
        "proxy_pass",
        "proxy_set_header",
        "return",
        "set",
        "try_files",
    ];
    CHECKED.contains(&name)
}

impl Config<'_> {
    /// The variables that the configuration itself defines: `map`, `set`, `geo`, names of groups, and others.
    pub fn defined_variables(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for node in self.walk() {
            let name = self.name(node);
            if let Some((_, index)) = DEFINING.iter().find(|(one, _)| *one == name) {
                names.extend(self.defined(node, *index));
            } else if name == "geo" {
                let last = self.directive(node).arguments.len().saturating_sub(1);
                names.extend(self.defined(node, last));
            }
            if matches!(name, "location" | "server_name" | "rewrite" | "if") || self.in_map(node) {
                names.extend(std::iter::once(name).chain(self.arguments(node)).flat_map(groups));
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    fn defined(&self, node: NodeId, index: usize) -> Option<&str> {
        self.directive(node).argument(index)?.strip_prefix('$')
    }

    fn in_map(&self, node: NodeId) -> bool {
        self.parent(node).is_some_and(|parent| self.name(parent) == "map")
    }

    /// The uses of variables that nothing defines. `None` if a file is not known that may define them.
    pub fn unknown_variables(&self) -> Option<Vec<Violation>> {
        let whole = self.unread().is_empty() && self.http().is_some();
        if !whole || !self.only_known_modules() {
            return None;
        }
        let defined = self.defined_variables();
        // A name in capitals is for `envsubst`, which fills it in before nginx reads the file.
        let filled_in = |name: &str| name.bytes().any(|byte| byte.is_ascii_uppercase());
        let known = |name: &str| {
            is_built_in(name) || defined.binary_search(&name).is_ok() || filled_in(name)
        };
        let mut found = Vec::new();
        for node in self.walk().filter(|node| is_checked(self.name(*node))) {
            let values = self.arguments(node).flat_map(variables);
            found.extend(values.filter(|name| !known(name)).map(|name| Violation {
                node,
                kind: ViolationKind::UnknownVariable,
                message: format!("unknown variable `${name}`"),
            }));
        }
        Some(found)
    }

    /// Modules that are loaded, or whose directives are used, may bring variables of their own.
    fn only_known_modules(&self) -> bool {
        self.walk().all(|node| {
            let inside = self.parent(node).and_then(|parent| self.context(parent)).is_some();
            let name = self.name(node);
            name != "load_module" && (!inside || !rows(name).is_empty())
        })
    }
}

/// The names of the groups of a regular expression.
fn groups(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.match_indices('<').filter_map(|(at, _)| {
        let opened = ["(?", "(?P"].iter().any(|open| pattern[..at].ends_with(open));
        let rest = &pattern[at + 1..];
        let name = &rest[..rest.find('>')?];
        (opened && !name.starts_with(['=', '!'])).then_some(name)
    })
}
