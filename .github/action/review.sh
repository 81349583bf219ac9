#!/usr/bin/env bash
# Reviews a pull request: `review.sh lint` and `review.sh diff` check, and annotate its lines; `review.sh report` writes one
# comment, and suggestions where they are wanted, and says how it went.
#
# Three steps, since GitHub shows ten annotations of a level for each step. The inputs of action.yml come as SIOWAY_*, and
# what a step leaves to the next is in SIOWAY_WORK. Exit codes are sioway's: 0 nothing to report, 1 findings or
# differences, 2 something could not be checked.
set -euo pipefail

work=$SIOWAY_WORK
# How a later run knows the comment of an earlier one.
place="${SIOWAY_DIRECTORY:-.}"
if [ "$place" = . ]; then marker='<!-- sioway review -->'; else marker="<!-- sioway review of ${place//>/} -->"; fi
# GitHub takes 65,536 characters. Bytes are never fewer.
most=65000

warn() { echo "::warning title=sioway::$*"; }

# Whether a check is wanted.
wanted() {
    local checks="${SIOWAY_CHECKS//,/ }" name found=1
    if [ -z "${checks//[[:space:]]/}" ]; then
        if [ "$1" = lint ] || [ -f sioway.toml ]; then return 0; else return 1; fi
    fi
    for name in $checks; do
        case "$name" in
            "$1") found=0 ;;
            lint | diff) ;;
            *)
                echo "::error title=sioway::\`checks\` are \`lint\` and \`diff\`, not \`$name\`"
                exit 2
                ;;
        esac
    done
    return "$found"
}

# The lines of a text that are not empty, as one argument each.
lines() {
    while IFS= read -r line; do
        line="${line#"${line%%[![:space:]]*}"}"
        line="${line%"${line##*[![:space:]]}"}"
        if [ -n "$line" ]; then arguments+=("$line"); fi
    done <<<"$1"
}

# The arguments of a check that say what it looks at.
scope() {
    arguments=()
    if [ "$1" = lint ]; then
        arguments+=(--)
        lines "${SIOWAY_PATHS:-.}"
        return
    fi
    lines "${SIOWAY_AGAINST:-}"
    # bash 3.2, which macOS has, takes an empty array for one that is not set.
    arguments=(${arguments[@]+"${arguments[@]/#/--against=}"})
    if [ -n "${SIOWAY_ENVIRONMENT:-}" ]; then arguments+=("--env=$SIOWAY_ENVIRONMENT"); fi
    arguments+=(--)
    lines "${SIOWAY_APPS:-}"
}

# Runs a check: annotations go to the log, where GitHub reads them.
check() {
    local name=$1 status=0
    scope "$name"
    sioway "$name" --format=github --output="markdown:$work/$name.md" "${arguments[@]}" || status=$?
    if [ "$status" -gt 1 ] && [ ! -s "$work/$name.md" ]; then
        printf '### sioway %s: could not run\n\nThe log of the job says why.\n' "$name" >"$work/$name.md"
    fi
    echo "$status" >"$work/$name.status"
    cat "$work/$name.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
}

# What reviewdog suggests is what `sioway diff --write` would do.
suggest() {
    if ! command -v reviewdog >/dev/null; then
        echo '::error title=sioway::suggestions need reviewdog: install it in an earlier step'
        worst=2
        return
    fi
    scope diff
    local status=0
    sioway diff --exit-zero --format=rdjson "${arguments[@]}" >"$work/diff.rdjson" || status=$?
    if [ "$status" -ne 0 ]; then
        # It has said why.
        worst=2
        return
    fi
    REVIEWDOG_GITHUB_API_TOKEN="${GH_TOKEN:-}" reviewdog -f=rdjson -name=sioway -reporter=github-pr-review \
        -filter-mode=nofilter <"$work/diff.rdjson" || warn 'reviewdog could not suggest the edits'
}

# The comment: what has no room is in the summary of the job. `$1` parts stay whole, of the others the heading.
body() {
    local index=0 part
    echo "$marker"
    for part in "${parts[@]}"; do
        if [ "$index" -lt "$1" ]; then cat "$part"; else grep -m 1 '^### ' "$part" || true; fi
        index=$((index + 1))
        echo
    done
    if [ "$1" -lt "${#parts[@]}" ]; then
        echo "There is no room for more. The [summary of the job]($run) has all of it."
    fi
}

comment() {
    run="${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY/actions/runs/${GITHUB_RUN_ID:-}"
    local whole=${#parts[@]}
    body "$whole" >"$work/comment.md"
    while [ "$whole" -gt 0 ] && [ "$(wc -c <"$work/comment.md")" -gt "$most" ]; do
        whole=$((whole - 1))
        body "$whole" >"$work/comment.md"
    done
    local comments id
    if ! comments=$(gh api "repos/$GITHUB_REPOSITORY/issues/$SIOWAY_PULL_REQUEST/comments?per_page=100" --paginate \
        --jq '.[] | [.id, .user.login, (.body | split("\n")[0] | rtrimstr("\r"))] | @tsv'); then
        warn 'the comments of the pull request cannot be read'
        return
    fi
    id=$(awk -F '\t' -v author="$SIOWAY_COMMENT_AUTHOR" -v marker="$marker" \
        '$2 == author && $3 == marker { id = $1 } END { print id }' <<<"$comments")
    if [ -n "$id" ]; then
        gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$work/comment.md" --silent ||
            warn 'the comment cannot be brought up to date: the token may only read'
    elif [ "$worst" -gt 0 ]; then
        gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$SIOWAY_PULL_REQUEST/comments" \
            -F "body=@$work/comment.md" --silent ||
            warn 'no comment can be written: the token may only read, as for a pull request from a fork'
    fi
}

report() {
    worst=0 parts=()
    local name status
    for name in lint diff; do
        if [ ! -f "$work/$name.status" ]; then continue; fi
        status=$(cat "$work/$name.status")
        if [ "$status" -gt "$worst" ]; then worst=$status; fi
        parts+=("$work/$name.md")
    done
    if [ "${SIOWAY_SUGGESTIONS:-false}" = true ]; then suggest; fi
    if [ "${SIOWAY_COMMENT:-true}" = true ] && [ -n "${SIOWAY_PULL_REQUEST:-}" ]; then comment; fi
    case "$worst" in
        0) result=clean ;;
        1) result=findings ;;
        *) result=failed ;;
    esac
    echo "result=$result" >>"${GITHUB_OUTPUT:-/dev/null}"
    if [ "$worst" -eq 1 ] && [ "${SIOWAY_FAIL:-true}" != true ]; then return 0; fi
    return "$worst"
}

case "$1" in
    report) report ;;
    *) if wanted "$1"; then check "$1"; fi ;;
esac
