#!/usr/bin/env bash
# Prints what CHANGELOG.md says of a release: notes.sh TAG. Fails where the tag, Cargo.toml and CHANGELOG.md disagree.
set -euo pipefail

tag=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)

if [ "$tag" != "v$version" ]; then
    echo "the tag is $tag, and Cargo.toml says $version" >&2
    exit 1
fi
notes=$(awk -v heading="## [$version]" '
    /^## / { wanted = index($0, heading) == 1; next }
    wanted { print }
' "$root/CHANGELOG.md")
if [ -z "${notes//[[:space:]]/}" ]; then
    echo "CHANGELOG.md says nothing of $version" >&2
    exit 1
fi
echo "$notes"
