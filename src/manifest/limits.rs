//! How much a text may ask for.
//!
//! Every limit is far above what real manifests need, and low enough that the worst
//! text costs seconds and some hundred megabytes, not the machine. The API server is
//! stricter: it takes 3 MiB an object (kubernetes/kubernetes:
//! staging/src/k8s.io/apiserver/pkg/server/config.go, `MaxRequestBodyBytes`).

/// Bytes of a file.
pub const FILE: usize = 64 << 20;

/// Lists and maps within each other, aliases followed.
pub const DEPTH: usize = 128;

/// Values of a file, keys included.
pub const VALUES: usize = 8 << 20;

/// Comments of a file.
pub const COMMENTS: usize = 4 << 20;

/// Values of a document when each alias is replaced by what it stands for. go-yaml gives
/// up at similar numbers (kubernetes-sigs/yaml: goyaml.v2/decode.go, `allowedAliasRatio`).
pub const EXPANDED: u64 = 1 << 20;

/// Entries of a file that merge keys bring, repeated keys included.
pub const FLATTENED: usize = 1 << 20;

/// Problems that are reported of a file; reading stops there.
pub const PROBLEMS: usize = 100;
