//! The files that nginx makes at its start, and whether it can.

use super::Site;
use crate::kube::{Container, OfficialNginx, Workload};
use crate::manifest::Node;
use crate::nginx::{NodeId, ROOT, Shape};

/// What nginx makes at its start, used or not, and where its own images have it.
const FILES: [(&str, &str); 6] = [
    ("pid", "/run/nginx.pid"),
    ("client_body_temp_path", "/var/cache/nginx/client_temp"),
    ("proxy_temp_path", "/var/cache/nginx/proxy_temp"),
    ("fastcgi_temp_path", "/var/cache/nginx/fastcgi_temp"),
    ("uwsgi_temp_path", "/var/cache/nginx/uwsgi_temp"),
    ("scgi_temp_path", "/var/cache/nginx/scgi_temp"),
];

/// Where nginx's own images have what a directive is about, if nginx makes that at its start.
pub fn default_file(directive: &str) -> Option<&'static str> {
    FILES.iter().find(|(name, _)| *name == directive).map(|(_, path)| *path)
}

/// A file that nginx needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededFile {
    /// The line that says where; `None` where nginx's own images decide.
    pub line: Option<NodeId>,
    /// Where.
    pub path: String,
}

/// Why a container cannot write where its image is.
#[derive(Debug, Clone, Copy)]
struct Closed<'s> {
    cause: Node<'s>,
    said: &'static str,
    /// Not even below `/tmp`.
    everywhere: bool,
}

/// The files that nginx cannot make in a container.
#[derive(Debug, Clone)]
pub struct Unwritable<'s> {
    /// The files. Never empty.
    pub files: Vec<NeededFile>,
    /// The value that is the cause.
    pub cause: Node<'s>,
    /// In words, to stand beside it.
    pub said: &'static str,
}

impl<'s> Site<'s> {
    /// Where nginx makes its files.
    fn needed_files(&self, image: Option<OfficialNginx>) -> impl Iterator<Item = NeededFile> {
        // The nginx.conf of the image for other users than root has them below `/tmp`.
        let own = self.config.shape() == Shape::Http && image == Some(OfficialNginx::Unprivileged);
        FILES.iter().map(move |(name, default)| {
            let level = if *name == "pid" { Some(ROOT) } else { self.config.http() };
            let line = level.and_then(|level| self.config.named(level, name).next());
            let path = match line {
                Some(line) => self.config.value(line).to_owned(),
                None if own => format!("/tmp/{}", default.rsplit('/').next().unwrap_or_default()),
                None => (*default).to_owned(),
            };
            NeededFile { line, path }
        })
    }

    /// The first file that nobody can make: `/proc` and `/sys` are the kernel's.
    pub fn file_of_the_kernel(&self) -> Option<NodeId> {
        let outer = matches!(self.config.shape(), Shape::Full | Shape::Http);
        let kernel = |path: &str| path.starts_with("/proc/") || path.starts_with("/sys/");
        let mut files = self.needed_files(None).filter(|_| outer);
        files.find(|file| kernel(&file.path))?.line
    }

    /// What nginx cannot make in a container of one of its own images; of others nobody knows what is in them.
    pub fn unwritable(
        &self,
        workload: &Workload<'s>,
        container: &Container<'s>,
    ) -> Option<Unwritable<'s>> {
        let image = container.official_nginx()?;
        let closed = closed(workload, container, image)?;
        let cached = image == OfficialNginx::Unprivileged;
        let open = |path: &str| {
            let by_image =
                path.starts_with("/tmp/") || cached && path.starts_with("/var/cache/nginx/");
            !path.starts_with('/')
                || path.starts_with("/dev/")
                || !closed.everywhere && by_image
                || workload.has_volume_for(container, path)
        };
        let files: Vec<NeededFile> =
            self.needed_files(Some(image)).filter(|file| !open(&file.path)).collect();
        (!files.is_empty()).then_some(Unwritable { files, cause: closed.cause, said: closed.said })
    }
}

fn closed<'s>(
    workload: &Workload<'s>,
    container: &Container<'s>,
    image: OfficialNginx,
) -> Option<Closed<'s>> {
    let found = |cause, said, everywhere| Some(Closed { cause, said, everywhere });
    if let Some(node) = container.has_read_only_root() {
        return found(node, "the root file system is read-only", true);
    }
    let key = ["securityContext", "runAsUser"];
    let pod = workload.pod_spec().and_then(|pod| pod.at(&key));
    match (container.0.at(&key).or(pod), image) {
        (Some(user), _) => {
            user.as_int().filter(|user| *user != 0)?;
            found(user, "nginx does not run as root", false)
        }
        (None, OfficialNginx::Unprivileged) => {
            let image = container.0.get("image")?;
            found(image, "in this image nginx does not run as root", false)
        }
        _ => None,
    }
}
