//! The data of [`directives`](super::directives()) for streams.

use super::directives_table::{BLOCK, Group, LINE, MANY, MORE, ONCE};

/// The directives that may stand below `stream { … }`, those that nginx treats alike together.
pub(super) const GROUPS: &[Group] = &[
    ("stream", 0, 0, BLOCK, MANY, "server"),
    (
        "stream",
        1,
        1,
        LINE,
        ONCE,
        "map_hash_bucket_size map_hash_max_size server_names_hash_bucket_size server_names_hash_max_size \
         variables_hash_bucket_size variables_hash_max_size",
    ),
    ("stream", 1, 1, BLOCK, MANY, "upstream"),
    ("stream", 1, 2, LINE, ONCE, "geoip_city geoip_country geoip_org"),
    ("stream", 1, 2, BLOCK, MANY, "geo"),
    ("stream", 2, 2, LINE, MANY, "limit_conn_zone"),
    ("stream", 2, 2, BLOCK, MANY, "map split_clients"),
    ("stream", 2, MORE, LINE, MANY, "log_format"),
    (
        "stream stream-server",
        1,
        1,
        LINE,
        MANY,
        "allow deny set_real_ip_from ssl_certificate ssl_certificate_key ssl_session_ticket_key",
    ),
    (
        "stream stream-server",
        1,
        1,
        LINE,
        ONCE,
        "limit_conn_dry_run limit_conn_log_level preread_buffer_size preread_timeout proxy_buffer_size \
         proxy_connect_timeout proxy_download_rate proxy_downstream_buffer proxy_half_close proxy_next_upstream \
         proxy_next_upstream_timeout proxy_next_upstream_tries proxy_protocol proxy_protocol_timeout \
         proxy_requests proxy_responses proxy_socket_keepalive proxy_ssl proxy_ssl_certificate \
         proxy_ssl_certificate_key proxy_ssl_ciphers proxy_ssl_crl proxy_ssl_name proxy_ssl_password_file \
         proxy_ssl_server_name proxy_ssl_session_reuse proxy_ssl_trusted_certificate proxy_ssl_verify \
         proxy_ssl_verify_depth proxy_timeout proxy_upload_rate proxy_upstream_buffer resolver_timeout ssl_ciphers \
         ssl_client_certificate ssl_crl ssl_dhparam ssl_ecdh_curve ssl_handshake_timeout ssl_ocsp ssl_ocsp_cache \
         ssl_ocsp_responder ssl_password_file ssl_prefer_server_ciphers ssl_preread ssl_reject_handshake \
         ssl_session_tickets ssl_session_timeout ssl_stapling ssl_stapling_file ssl_stapling_responder \
         ssl_stapling_verify ssl_trusted_certificate ssl_verify_client ssl_verify_depth tcp_nodelay",
    ),
    (
        "stream stream-server",
        1,
        MORE,
        LINE,
        MANY,
        "access_log error_log proxy_ssl_protocols ssl_protocols",
    ),
    ("stream stream-server", 1, MORE, LINE, ONCE, "resolver ssl_alpn"),
    ("stream stream-server", 1, 2, LINE, MANY, "ssl_session_cache"),
    ("stream stream-server", 1, 2, LINE, ONCE, "proxy_bind"),
    ("stream stream-server", 1, 3, LINE, ONCE, "proxy_ssl_certificate_cache ssl_certificate_cache"),
    ("stream stream-server", 1, 4, LINE, ONCE, "open_log_file_cache"),
    ("stream stream-server", 2, 2, LINE, MANY, "proxy_ssl_conf_command ssl_conf_command"),
    ("stream stream-server", 2, 2, LINE, ONCE, "limit_conn"),
    ("stream-server", 1, 1, LINE, ONCE, "pass proxy_pass return"),
    ("stream-server", 1, MORE, LINE, MANY, "listen server_name"),
    ("stream-server", 2, 2, LINE, MANY, "set"),
    ("stream-upstream", 0, 0, LINE, MANY, "least_conn"),
    ("stream-upstream", 0, 2, LINE, MANY, "random"),
    ("stream-upstream", 1, 1, LINE, ONCE, "resolver_timeout"),
    ("stream-upstream", 1, MORE, LINE, MANY, "server"),
    ("stream-upstream", 1, MORE, LINE, ONCE, "resolver"),
    ("stream-upstream", 1, 2, LINE, MANY, "hash zone"),
];
