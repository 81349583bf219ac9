//! What Kustomize builds from bases, overlays and patches, with the place that sets each value.
//!
//! [`build()`] follows a kustomization.yaml as `kubectl kustomize` does, over the files of a [`Tree`]. The outcome is
//! a text like any other manifest, which is compared as such; [`Built::landing`] leads from a difference in it back
//! to the file that sets the value: a patch, a base, the kustomization.yaml itself, or the nginx.conf that a
//! generator reads.
//!
//! The order of what is done is Kustomize's (kubernetes-sigs/kustomize:api/internal/target/kusttarget.go). What is
//! not followed is refused with its place, never guessed: generators and transformers other than the built-in ones,
//! Helm charts, replacements, variables, and what lies elsewhere. What `secretGenerator` makes is neither read nor
//! built. The real Kustomize is the oracle of the tests.

mod build;
mod configuration;
mod generate;
mod json_patch;
mod landing;
mod merge;
mod merge_lists;
mod partial;
mod patches;
mod references;
mod resource;
mod shares;
mod together;
mod transform;
mod tree;
mod value;

pub use build::{Built, Layer, build};
pub use landing::{Addition, Landing, Lay, Unset};
pub use partial::partial;
pub use together::together;
pub use tree::{Named, Tree, is_kustomization, joined, named};
