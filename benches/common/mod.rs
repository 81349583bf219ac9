//! What the measurements share: times beside their floors, and a workspace of many apps.

#![allow(dead_code, reason = "each measurement uses a part")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Two times of one thing, and how they stand to each other: the median of the rounds.
pub(crate) fn report(
    what: &str,
    floor: &str,
    ours: &mut [Duration],
    floors: &mut [Duration],
    bar: f64,
) {
    let mut ratios: Vec<f64> = ours
        .iter()
        .zip(&*floors)
        .map(|(ours, floor)| ours.as_secs_f64() / floor.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[ratios.len() / 2];
    println!(
        "{what:<26} {:>9}   {floor} {:>9}   {ratio:.2} times   bar {bar}",
        shown(median(ours)),
        shown(median(floors))
    );
}

/// sioway, about to run in a directory.
pub(crate) fn sioway(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sioway"));
    command.current_dir(directory);
    command
}

/// How long a command takes, which must succeed.
pub(crate) fn time(command: &mut Command) -> Duration {
    clocked(|| assert!(command.stdout(Stdio::null()).status().unwrap().success()))
}

/// How long some work takes.
pub(crate) fn clocked(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

/// The time in the middle.
pub(crate) fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// In milliseconds.
pub(crate) fn shown(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// Apps of the size that people have: two hosts, mapped path, certificate, routes, and the pods.
pub(crate) fn generate(root: &Path, apps: usize) {
    fs::create_dir_all(root).unwrap();
    fs::write(root.join("sioway.toml"), "apps = [\"apps/*/app.toml\"]\n").unwrap();
    for app in 0..apps {
        let directory = root.join(format!("apps/app-{app:05}"));
        fs::create_dir_all(&directory).unwrap();
        let mut text = format!("name = \"app-{app:05}\"\nnamespace = \"team-{}\"\n", app % 100);
        write!(text, "host = [\"app-{app}.example.com\", \"www.app-{app}.example.com\"]\nport = 3000\nreplicas = 3\n\n").unwrap();
        text.push_str("[socketio]\npath = \"/app/socket.io/\"\nserver-path = \"/socket.io/\"\n\n[session]\nmax-age = \"12h\"\n\n");
        write!(
            text,
            "[ingress]\nstatic-ip = \"app-{app}\"\ntls = {{ managed-certificate = true }}\n\n"
        )
        .unwrap();
        text.push_str(
            "[[ingress.route]]\npath = \"/\"\n\n[[ingress.route]]\npath = \"/api/v5\"\n\n",
        );
        write!(text, "[workload]\nimage = \"registry.example.com/app:{app}\"\n").unwrap();
        fs::write(directory.join("app.toml"), text).unwrap();
    }
}

/// A rendered tree, in memory: directories, and the files of each.
pub(crate) struct Files(Vec<(PathBuf, Vec<NamedBytes>)>);

type NamedBytes = (PathBuf, Vec<u8>);

impl Files {
    /// Reads a directory of directories.
    pub(crate) fn read(root: &Path) -> Self {
        let entries = |path: &Path| {
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
        };
        let name = |path: &Path| PathBuf::from(path.file_name().unwrap());
        let files = |directory: &Path| {
            entries(directory).iter().map(|file| (name(file), fs::read(file).unwrap())).collect()
        };
        Self(entries(root).iter().map(|directory| (name(directory), files(directory))).collect())
    }

    /// How many files there are.
    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(|(_, files)| files.len()).sum()
    }

    /// How large they are together.
    #[allow(clippy::cast_precision_loss, reason = "a few digits are shown")]
    pub(crate) fn megabytes(&self) -> f64 {
        let bytes: usize =
            self.0.iter().flat_map(|(_, files)| files).map(|(_, bytes)| bytes.len()).sum();
        bytes as f64 / 1e6
    }

    fn on_two_threads(&self, work: impl Fn(&Path, &[NamedBytes]) + Sync) {
        let (one, other) = self.0.split_at(self.0.len() / 2);
        let work = &work;
        std::thread::scope(|scope| {
            for half in [one, other] {
                scope.spawn(move || {
                    for (directory, files) in half {
                        work(directory, files);
                    }
                });
            }
        });
    }

    /// Writes them plainly into a new directory.
    pub(crate) fn write(&self, root: &Path) {
        fs::create_dir(root).unwrap();
        self.on_two_threads(|directory, files| {
            let directory = root.join(directory);
            fs::create_dir(&directory).unwrap();
            for (name, bytes) in files {
                fs::write(directory.join(name), bytes).unwrap();
            }
        });
    }

    /// Compares them with what is there.
    pub(crate) fn compare(&self, root: &Path) {
        self.on_two_threads(|directory, files| {
            let directory = root.join(directory);
            for (name, bytes) in files {
                assert_eq!(&fs::read(directory.join(name)).unwrap(), bytes);
            }
        });
    }
}
