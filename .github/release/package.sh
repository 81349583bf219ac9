#!/usr/bin/env bash
# Packs a release: package.sh BINARY TARGET DIRECTORY writes sioway-VERSION-TARGET.tar.gz and its SHA-256 there.
#
# The archive has the binary, its manual page, completions for shells, and the licences. SIOWAY_RUNNABLE is a sioway
# that this machine can run, where BINARY is for another one.
set -euo pipefail

binary=$1 target=$2 out=$3
runnable="${SIOWAY_RUNNABLE:-$binary}"
root=$(cd "$(dirname "$0")/../.." && pwd)
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)
name="sioway-$version-$target"

if [ "$("$runnable" --version)" != "sioway $version" ]; then
    echo "$runnable is not of version $version" >&2
    exit 1
fi

mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder="$work/$name"
mkdir -p "$folder/completions"

case "$target" in
    *windows*) cp "$binary" "$folder/sioway.exe" ;;
    *) install -m 755 "$binary" "$folder/sioway" ;;
esac
cp "$root/README.md" "$root/CHANGELOG.md" "$root/LICENSE-APACHE" "$root/LICENSE-MIT" "$folder/"
"$runnable" man >"$folder/sioway.1"
"$runnable" completions bash >"$folder/completions/sioway.bash"
"$runnable" completions elvish >"$folder/completions/sioway.elv"
"$runnable" completions fish >"$folder/completions/sioway.fish"
"$runnable" completions powershell >"$folder/completions/_sioway.ps1"
"$runnable" completions zsh >"$folder/completions/_sioway"

tar -czf "$out/$name.tar.gz" -C "$work" "$name"
cd "$out"
if command -v sha256sum >/dev/null; then
    sha256sum "$name.tar.gz" >"$name.tar.gz.sha256"
else
    shasum -a 256 "$name.tar.gz" >"$name.tar.gz.sha256"
fi
echo "$out/$name.tar.gz"
