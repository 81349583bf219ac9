//! Servers whose names nginx asks for while it runs. It does not start where nothing says which DNS server to ask, or
//! where the upstream has no memory that the processes share (`ngx_http_upstream_init_round_robin` of
//! `nginx/nginx:src/http/ngx_http_upstream_round_robin.c`).

use super::Comparison;
use crate::nginx::NodeId;

impl Comparison<'_> {
    /// The DNS server that ours names, or the file that does, where theirs names none.
    pub(super) fn resolver(&mut self) {
        let config = &self.ours.config;
        let http = config.http().zip(self.theirs.config.http());
        let Some((ours, theirs)) =
            http.filter(|_| config.all_named("server").any(|one| self.is_resolved(one)))
        else {
            return;
        };
        if self.theirs.config.effective(theirs, "resolver").line().is_some() {
            return;
        }
        // What the container itself writes when it starts, and no ConfigMap brings.
        let is_written = |file: &NodeId| config.value(*file).starts_with("/tmp/");
        let files: Vec<NodeId> = config.named(ours, "include").filter(is_written).collect();
        for file in files {
            let mut there = self.theirs.config.named(theirs, "include");
            if !there.any(|other| self.is_same(file, other)) {
                self.insert(file, theirs);
            }
        }
    }

    /// Whether an upstream of ours needs memory that the processes share.
    pub(super) fn needs_zone(&self, upstream: NodeId) -> bool {
        self.ours.config.named(upstream, "server").any(|server| self.is_resolved(server))
    }

    fn is_resolved(&self, server: NodeId) -> bool {
        self.ours.config.arguments(server).any(|word| word == "resolve")
    }
}
