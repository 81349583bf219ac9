#!/usr/bin/env bash
# Installs a release of sioway: the archive for this runner, after its checksum was compared.
#
# SIOWAY_VERSION is the release, by default that of Cargo.toml beside this action. SIOWAY_REPOSITORY has the releases.
set -euo pipefail

fail() {
    echo "::error title=sioway::$*"
    exit 2
}

case "${RUNNER_OS:-}-${RUNNER_ARCH:-}" in
    Linux-X64) target=x86_64-unknown-linux-musl ;;
    Linux-ARM64) target=aarch64-unknown-linux-musl ;;
    macOS-X64) target=x86_64-apple-darwin ;;
    macOS-ARM64) target=aarch64-apple-darwin ;;
    Windows-X64) target=x86_64-pc-windows-msvc ;;
    *) fail "there is no release for ${RUNNER_OS:-this system} on ${RUNNER_ARCH:-this machine}" ;;
esac

version="${SIOWAY_VERSION#v}"
if [ -z "$version" ]; then
    version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/Cargo.toml" | head -n 1)
fi
# A local action, `uses: ./`, has no repository of its own.
repository="${SIOWAY_REPOSITORY:-$GITHUB_REPOSITORY}"
name="sioway-$version-$target"
url="${GITHUB_SERVER_URL:-https://github.com}/$repository/releases/download/v$version/$name.tar.gz"

directory=$(mktemp -d "${RUNNER_TEMP:-/tmp}/sioway.XXXXXX")
cd "$directory"
download() { curl --fail --silent --show-error --location --retry 3 --output "$2" "$1"; }
download "$url" "$name.tar.gz" || fail "$url could not be downloaded"
download "$url.sha256" "$name.tar.gz.sha256" || fail "$url.sha256 could not be downloaded"

if command -v sha256sum >/dev/null; then
    found=$(sha256sum "$name.tar.gz" | cut -d ' ' -f 1)
else
    found=$(shasum -a 256 "$name.tar.gz" | cut -d ' ' -f 1)
fi
wanted=$(cut -d ' ' -f 1 "$name.tar.gz.sha256")
if [ -z "$wanted" ] || [ "$found" != "$wanted" ]; then
    fail "$name.tar.gz is not what was released: its SHA-256 is $found, and not ${wanted:-known}"
fi

tar -xzf "$name.tar.gz"
path="$directory/$name"
# The runner of Windows reads no path of bash's.
if command -v cygpath >/dev/null; then path=$(cygpath -w "$path"); fi
echo "$path" >>"$GITHUB_PATH"
# What the next steps leave to each other.
mkdir "$directory/review"
echo "work=$directory/review" >>"$GITHUB_OUTPUT"
"$directory/$name/sioway" --version
