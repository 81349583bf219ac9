//! The data of [`directives`](super::directives()): which directive may stand where.
//!
//! Names that have everything in common share a row. Sorted by context, then by the number of arguments.

pub(super) const BLOCK: bool = true;
pub(super) const LINE: bool = false;
pub(super) const ONCE: bool = true;
pub(super) const MANY: bool = false;
pub(super) const MORE: usize = usize::MAX;

/// Contexts, fewest and most arguments, block, whether only once, names.
pub(super) type Group = (&'static str, usize, usize, bool, bool, &'static str);

/// The directives, those that nginx treats alike together.
pub(super) const GROUPS: &[Group] = &[
    ("any", 1, 1, LINE, MANY, "include"),
    ("main", 0, 0, BLOCK, ONCE, "events http mail stream"),
    ("main", 1, 1, LINE, MANY, "env load_module"),
    (
        "main",
        1,
        1,
        LINE,
        ONCE,
        "daemon debug_points google_perftools_profiles lock_file master_process pcre_jit pid ssl_engine \
         ssl_object_cache_inheritable timer_resolution worker_priority worker_processes worker_rlimit_core \
         worker_rlimit_nofile worker_shutdown_timeout working_directory",
    ),
    ("main", 1, MORE, LINE, MANY, "error_log"),
    ("main", 1, MORE, LINE, ONCE, "worker_cpu_affinity"),
    ("main", 1, 2, LINE, ONCE, "user"),
    ("main", 2, 3, LINE, MANY, "thread_pool"),
    ("events", 1, 1, LINE, MANY, "debug_connection"),
    (
        "events",
        1,
        1,
        LINE,
        ONCE,
        "accept_mutex accept_mutex_delay epoll_events multi_accept use worker_aio_requests worker_connections",
    ),
    ("upstream", 0, 0, LINE, MANY, "ip_hash least_conn"),
    ("upstream", 0, 2, LINE, MANY, "random"),
    (
        "upstream",
        1,
        1,
        LINE,
        ONCE,
        "keepalive keepalive_requests keepalive_time keepalive_timeout resolver_timeout",
    ),
    ("upstream", 1, MORE, LINE, MANY, "server"),
    ("upstream", 1, MORE, LINE, ONCE, "resolver sticky"),
    ("upstream", 1, 2, LINE, MANY, "hash zone"),
    ("http", 0, 0, BLOCK, MANY, "server"),
    ("http", 1, 1, LINE, MANY, "degradation geoip_proxy"),
    (
        "http",
        1,
        1,
        LINE,
        ONCE,
        "geoip_proxy_recursive http2_recv_buffer_size map_hash_bucket_size map_hash_max_size \
         server_names_hash_bucket_size server_names_hash_max_size variables_hash_bucket_size \
         variables_hash_max_size",
    ),
    ("http", 1, 1, BLOCK, MANY, "upstream"),
    ("http", 1, 2, LINE, ONCE, "geoip_city geoip_country geoip_org"),
    ("http", 1, 2, BLOCK, MANY, "geo"),
    ("http", 2, 2, LINE, MANY, "limit_conn_zone"),
    ("http", 2, 2, BLOCK, MANY, "charset_map map split_clients"),
    (
        "http",
        2,
        MORE,
        LINE,
        MANY,
        "fastcgi_cache_path log_format proxy_cache_path scgi_cache_path uwsgi_cache_path",
    ),
    ("http", 3, 3, LINE, MANY, "limit_req_zone"),
    (
        "http server",
        1,
        1,
        LINE,
        MANY,
        "http2_idle_timeout http2_max_concurrent_pushes http2_max_field_size http2_max_header_size \
         http2_max_requests http2_recv_timeout ssl_certificate ssl_certificate_key ssl_session_ticket_key",
    ),
    (
        "http server",
        1,
        1,
        LINE,
        ONCE,
        "client_header_buffer_size client_header_timeout connection_pool_size http2 http2_body_preread_size \
         http2_max_concurrent_streams http2_pool_size http2_streams_index_size http3 http3_hq \
         http3_max_concurrent_streams http3_stream_buffer_size ignore_invalid_headers merge_slashes \
         quic_active_connection_id_limit quic_gso quic_host_key quic_retry request_pool_size ssl_buffer_size \
         ssl_ciphers ssl_client_certificate ssl_crl ssl_dhparam ssl_early_data ssl_ecdh_curve ssl_ocsp \
         ssl_ocsp_cache ssl_ocsp_responder ssl_password_file ssl_prefer_server_ciphers ssl_reject_handshake \
         ssl_session_tickets ssl_session_timeout ssl_stapling ssl_stapling_file ssl_stapling_responder \
         ssl_stapling_verify ssl_trusted_certificate ssl_verify_client ssl_verify_depth underscores_in_headers",
    ),
    ("http server", 1, MORE, LINE, MANY, "ssl_protocols"),
    ("http server", 1, 2, LINE, MANY, "ssl_session_cache"),
    ("http server", 1, 3, LINE, ONCE, "ssl_certificate_cache"),
    ("http server", 2, 2, LINE, MANY, "ssl_conf_command"),
    ("http server", 2, 2, LINE, ONCE, "large_client_header_buffers"),
    ("http server location", 0, 0, BLOCK, MANY, "types"),
    (
        "http server location",
        1,
        1,
        LINE,
        MANY,
        "ancient_browser_value fastcgi_catch_stderr fastcgi_hide_header fastcgi_pass_header \
         fastcgi_split_path_info grpc_hide_header grpc_pass_header http2_push http2_push_preload \
         image_filter_jpeg_quality image_filter_sharpen image_filter_webp_quality mirror modern_browser_value \
         proxy_hide_header proxy_pass_header scgi_hide_header scgi_pass_header set_real_ip_from uwsgi_hide_header \
         uwsgi_pass_header",
    ),
    (
        "http server location",
        1,
        1,
        LINE,
        ONCE,
        "absolute_redirect add_after_body add_before_body add_header_inherit add_trailer_inherit aio aio_write \
         auth_delay auth_request autoindex autoindex_exact_size autoindex_format autoindex_localtime \
         chunked_transfer_encoding client_body_buffer_size client_body_in_file_only client_body_in_single_buffer \
         client_body_timeout client_max_body_size create_full_put_path default_type degrade directio \
         directio_alignment etag fastcgi_buffer_size fastcgi_buffering fastcgi_busy_buffers_size fastcgi_cache \
         fastcgi_cache_background_update fastcgi_cache_key fastcgi_cache_lock fastcgi_cache_lock_age \
         fastcgi_cache_lock_timeout fastcgi_cache_max_range_offset fastcgi_cache_min_uses fastcgi_cache_revalidate \
         fastcgi_connect_timeout fastcgi_force_ranges fastcgi_ignore_client_abort fastcgi_index \
         fastcgi_intercept_errors fastcgi_keep_conn fastcgi_limit_rate fastcgi_max_temp_file_size \
         fastcgi_next_upstream_timeout fastcgi_next_upstream_tries fastcgi_pass_request_body \
         fastcgi_pass_request_headers fastcgi_read_timeout fastcgi_request_buffering fastcgi_send_lowat \
         fastcgi_send_timeout fastcgi_socket_keepalive fastcgi_store fastcgi_temp_file_write_size grpc_buffer_size \
         grpc_connect_timeout grpc_intercept_errors grpc_next_upstream_timeout grpc_next_upstream_tries \
         grpc_read_timeout grpc_send_timeout grpc_socket_keepalive grpc_ssl_certificate grpc_ssl_certificate_key \
         grpc_ssl_ciphers grpc_ssl_crl grpc_ssl_name grpc_ssl_password_file grpc_ssl_server_name \
         grpc_ssl_session_reuse grpc_ssl_trusted_certificate grpc_ssl_verify grpc_ssl_verify_depth gunzip \
         gzip_comp_level gzip_hash gzip_http_version gzip_min_length gzip_no_buffer gzip_static gzip_vary \
         gzip_window http2_chunk_size if_modified_since image_filter_buffer image_filter_interlace \
         image_filter_transparency keepalive_min_timeout keepalive_requests keepalive_time limit_conn_dry_run \
         limit_conn_log_level limit_conn_status limit_req_dry_run limit_req_log_level limit_req_status \
         lingering_close lingering_time lingering_timeout log_not_found log_subrequest max_ranges \
         memcached_buffer_size memcached_connect_timeout memcached_gzip_flag memcached_next_upstream_timeout \
         memcached_next_upstream_tries memcached_read_timeout memcached_send_timeout memcached_socket_keepalive \
         min_delete_depth mirror_request_body mp4_buffer_size mp4_max_buffer_size mp4_start_key_frame msie_padding \
         msie_refresh open_file_cache_errors open_file_cache_events open_file_cache_min_uses open_file_cache_valid \
         port_in_redirect postpone_gzipping postpone_output proxy_buffer_size proxy_buffering \
         proxy_busy_buffers_size proxy_cache proxy_cache_background_update proxy_cache_convert_head \
         proxy_cache_key proxy_cache_lock proxy_cache_lock_age proxy_cache_lock_timeout \
         proxy_cache_max_range_offset proxy_cache_min_uses proxy_cache_revalidate proxy_connect_timeout \
         proxy_force_ranges proxy_headers_hash_bucket_size proxy_headers_hash_max_size proxy_http_version \
         proxy_ignore_client_abort proxy_intercept_errors proxy_limit_rate proxy_max_temp_file_size proxy_method \
         proxy_next_upstream_timeout proxy_next_upstream_tries proxy_pass_request_body proxy_pass_request_headers \
         proxy_pass_trailers proxy_read_timeout proxy_request_buffering proxy_send_lowat proxy_send_timeout \
         proxy_set_body proxy_socket_keepalive proxy_ssl_certificate proxy_ssl_certificate_key proxy_ssl_ciphers \
         proxy_ssl_crl proxy_ssl_name proxy_ssl_password_file proxy_ssl_server_name proxy_ssl_session_reuse \
         proxy_ssl_trusted_certificate proxy_ssl_verify proxy_ssl_verify_depth proxy_store \
         proxy_temp_file_write_size read_ahead real_ip_header real_ip_recursive recursive_error_pages \
         reset_timedout_connection resolver_timeout satisfy scgi_buffer_size scgi_buffering scgi_busy_buffers_size \
         scgi_cache scgi_cache_background_update scgi_cache_key scgi_cache_lock scgi_cache_lock_age \
         scgi_cache_lock_timeout scgi_cache_max_range_offset scgi_cache_min_uses scgi_cache_revalidate \
         scgi_connect_timeout scgi_force_ranges scgi_ignore_client_abort scgi_intercept_errors scgi_limit_rate \
         scgi_max_temp_file_size scgi_next_upstream_timeout scgi_next_upstream_tries scgi_pass_request_body \
         scgi_pass_request_headers scgi_read_timeout scgi_request_buffering scgi_send_timeout \
         scgi_socket_keepalive scgi_store scgi_temp_file_write_size secure_link secure_link_md5 secure_link_secret \
         send_lowat send_timeout sendfile_max_chunk server_name_in_redirect server_tokens slice \
         ssi_ignore_recycled_buffers ssi_last_modified ssi_min_file_chunk ssi_silent_errors ssi_value_length \
         sub_filter_last_modified sub_filter_once subrequest_output_buffer_size tcp_nodelay tcp_nopush \
         types_hash_bucket_size types_hash_max_size userid userid_domain userid_expires userid_mark userid_name \
         userid_p3p userid_path userid_service uwsgi_buffer_size uwsgi_buffering uwsgi_busy_buffers_size \
         uwsgi_cache uwsgi_cache_background_update uwsgi_cache_key uwsgi_cache_lock uwsgi_cache_lock_age \
         uwsgi_cache_lock_timeout uwsgi_cache_max_range_offset uwsgi_cache_min_uses uwsgi_cache_revalidate \
         uwsgi_connect_timeout uwsgi_force_ranges uwsgi_ignore_client_abort uwsgi_intercept_errors \
         uwsgi_limit_rate uwsgi_max_temp_file_size uwsgi_modifier1 uwsgi_modifier2 uwsgi_next_upstream_timeout \
         uwsgi_next_upstream_tries uwsgi_pass_request_body uwsgi_pass_request_headers uwsgi_read_timeout \
         uwsgi_request_buffering uwsgi_send_timeout uwsgi_socket_keepalive uwsgi_ssl_certificate \
         uwsgi_ssl_certificate_key uwsgi_ssl_ciphers uwsgi_ssl_crl uwsgi_ssl_name uwsgi_ssl_password_file \
         uwsgi_ssl_server_name uwsgi_ssl_session_reuse uwsgi_ssl_trusted_certificate uwsgi_ssl_verify \
         uwsgi_ssl_verify_depth uwsgi_store uwsgi_string uwsgi_temp_file_write_size xml_entities \
         xslt_last_modified",
    ),
    (
        "http server location",
        1,
        MORE,
        LINE,
        MANY,
        "addition_types ancient_browser charset_types dav_methods error_log fastcgi_cache_bypass \
         fastcgi_cache_methods fastcgi_cache_use_stale fastcgi_cache_valid fastcgi_ignore_headers \
         fastcgi_next_upstream fastcgi_no_cache grpc_ignore_headers grpc_next_upstream grpc_ssl_protocols \
         gzip_disable gzip_proxied gzip_types index memcached_next_upstream proxy_cache_bypass proxy_cache_methods \
         proxy_cache_use_stale proxy_cache_valid proxy_ignore_headers proxy_next_upstream proxy_no_cache \
         proxy_ssl_protocols scgi_cache_bypass scgi_cache_methods scgi_cache_use_stale scgi_cache_valid \
         scgi_ignore_headers scgi_next_upstream scgi_no_cache ssi_types sub_filter_types uwsgi_cache_bypass \
         uwsgi_cache_methods uwsgi_cache_use_stale uwsgi_cache_valid uwsgi_ignore_headers uwsgi_next_upstream \
         uwsgi_no_cache uwsgi_ssl_protocols xslt_types",
    ),
    ("http server location", 1, MORE, LINE, ONCE, "resolver"),
    ("http server location", 1, 2, LINE, MANY, "keepalive_disable modern_browser"),
    (
        "http server location",
        1,
        2,
        LINE,
        ONCE,
        "disable_symlinks fastcgi_bind grpc_bind keepalive_timeout memcached_bind open_file_cache proxy_bind \
         proxy_cookie_domain proxy_cookie_path proxy_redirect scgi_bind uwsgi_bind",
    ),
    ("http server location", 1, 3, LINE, MANY, "userid_flags"),
    (
        "http server location",
        1,
        3,
        LINE,
        ONCE,
        "dav_access fastcgi_store_access grpc_ssl_certificate_cache limit_req proxy_ssl_certificate_cache \
         proxy_store_access scgi_store_access uwsgi_ssl_certificate_cache uwsgi_store_access",
    ),
    (
        "http server location",
        1,
        4,
        LINE,
        ONCE,
        "client_body_temp_path fastcgi_temp_path open_log_file_cache proxy_cookie_flags proxy_temp_path \
         scgi_temp_path uwsgi_temp_path",
    ),
    (
        "http server location",
        2,
        2,
        LINE,
        MANY,
        "auth_request_set grpc_set_header grpc_ssl_conf_command proxy_set_header proxy_ssl_conf_command sub_filter \
         uwsgi_ssl_conf_command xslt_param xslt_string_param",
    ),
    (
        "http server location",
        2,
        2,
        LINE,
        ONCE,
        "fastcgi_buffers gunzip_buffers gzip_buffers limit_conn output_buffers proxy_buffers scgi_buffers \
         uwsgi_buffers",
    ),
    ("http server location", 2, 3, LINE, MANY, "fastcgi_param scgi_param uwsgi_param"),
    (
        "http server location location-if",
        1,
        1,
        LINE,
        ONCE,
        "charset gzip limit_rate limit_rate_after override_charset post_action root sendfile source_charset ssi",
    ),
    ("http server location location-if", 1, 2, LINE, ONCE, "expires"),
    ("http server location location-if", 2, MORE, LINE, MANY, "error_page"),
    ("http server location location-if", 2, 3, LINE, MANY, "add_header add_trailer"),
    (
        "http server location location-if server-if",
        1,
        1,
        LINE,
        ONCE,
        "rewrite_log uninitialized_variable_warn",
    ),
    ("http server location location-if limit-except", 1, MORE, LINE, MANY, "access_log"),
    ("http server location limit-except", 1, 1, LINE, MANY, "allow deny"),
    ("http server location limit-except", 1, 1, LINE, ONCE, "auth_basic auth_basic_user_file"),
    ("server", 1, MORE, LINE, MANY, "listen server_name"),
    ("server location", 0, 1, LINE, MANY, "stub_status"),
    ("server location", 1, 1, LINE, ONCE, "referer_hash_bucket_size referer_hash_max_size"),
    ("server location", 1, MORE, LINE, MANY, "valid_referers"),
    ("server location", 1, MORE, BLOCK, MANY, "if"),
    ("server location", 1, 2, BLOCK, MANY, "location"),
    ("server location", 2, MORE, LINE, ONCE, "try_files"),
    ("server location location-if server-if", 0, 0, LINE, MANY, "break"),
    ("server location location-if server-if", 1, 2, LINE, MANY, "return"),
    ("server location location-if server-if", 2, 2, LINE, MANY, "set"),
    ("server location location-if server-if", 2, 3, LINE, MANY, "rewrite"),
    ("location", 0, 0, LINE, MANY, "empty_gif flv mp4"),
    ("location", 0, 0, LINE, ONCE, "internal"),
    ("location", 1, 1, LINE, ONCE, "alias random_index"),
    ("location", 1, MORE, LINE, MANY, "xslt_stylesheet"),
    ("location", 1, MORE, BLOCK, ONCE, "limit_except"),
    ("location", 1, 3, LINE, MANY, "image_filter"),
    (
        "location location-if",
        1,
        1,
        LINE,
        ONCE,
        "fastcgi_pass grpc_pass memcached_pass scgi_pass uwsgi_pass",
    ),
    ("location location-if limit-except", 1, 1, LINE, ONCE, "proxy_pass"),
];
