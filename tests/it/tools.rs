//! Running sioway, and finding the tools that tests need.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A tool below `target/tools`, or on the path.
pub(crate) fn tool(name: &str, below: &str) -> PathBuf {
    let installed = root().join("target/tools").join(below);
    if installed.is_file() {
        return installed;
    }
    let on_path = std::env::var_os("PATH").into_iter().flat_map(|path| {
        std::env::split_paths(&path).map(|directory| directory.join(name)).collect::<Vec<_>>()
    });
    let sbin = ["/usr/sbin", "/sbin"].map(|directory| Path::new(directory).join(name));
    let found = on_path.chain(sbin).find(|path| path.is_file());
    found
        .unwrap_or_else(|| panic!("{name} is missing; tests/run.sh installs it and runs the tests"))
}

/// The Python with the packages of `tests/tools/requirements.txt`.
pub(crate) fn python() -> Command {
    Command::new(tool("sioway-python", "python/bin/python"))
}

/// Node.js, with the packages of `tests/tools/package.json` in reach.
pub(crate) fn node() -> Command {
    let modules = root().join("target/tools/npm/node_modules");
    assert!(modules.is_dir(), "socket.io is missing; tests/run.sh installs it and runs the tests");
    let mut node = Command::new(tool("node", "node/bin/node"));
    node.env("NODE_PATH", modules);
    node
}

/// A command with output that must succeed.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", both(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// git in a directory, which must succeed: as an author of its own, and as nobody's configuration says.
pub(crate) fn git(directory: &Path, arguments: &[&str]) -> String {
    let author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let mut git = Command::new(tool("git", "git"));
    git.current_dir(directory).args(author).args(["-c", "init.defaultBranch=main"]).args(arguments);
    succeed(git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null"))
}

/// stdout and stderr of a run, for messages.
pub(crate) fn both(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A directory with files in it, and sioway at home in it.
pub(crate) struct Scratch(TempDir);

/// What a run of sioway came to.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit status.
    pub status: i32,
    /// stdout.
    pub out: String,
    /// stderr, without colours.
    pub err: String,
}

impl Scratch {
    /// An empty directory.
    pub(crate) fn new() -> Self {
        Self(tempfile::Builder::new().prefix("sioway-").tempdir().unwrap())
    }

    /// A directory with an `app.toml`.
    pub(crate) fn with_app(text: &str) -> Self {
        let scratch = Self::new();
        scratch.write("app.toml", text);
        scratch
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the directories above it.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names in a directory, sorted.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let entries =
            std::fs::read_dir(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs sioway there.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output().unwrap();
        Run {
            status: output.status.code().expect("sioway is not killed by a signal"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs sioway there, which must succeed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.status, 0, "{arguments:?}\n{}{}", run.out, run.err);
        run
    }

    /// sioway, about to run there, with nothing of this terminal about it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sioway"));
        command.args(arguments).current_dir(self.0.path()).env_clear();
        command
    }
}

/// Three lines that are a complete app.
pub(crate) const MINIMAL: &str = "name = \"chat\"\nhost = \"chat.example.com\"\nport = 3000\n";
