"""The part of `gh api` that the action uses: the comments of one pull request, kept in the file $FAKE_GH.

It answers as api.github.com does: at most 65,536 characters, and 403 for a token that may only read.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

store = pathlib.Path(os.environ["FAKE_GH"])
state = json.loads(store.read_text())
arguments = sys.argv[1:]
assert arguments.pop(0) == "api", arguments
method, jq, fields, path = "GET", None, {}, None
while arguments:
    word = arguments.pop(0)
    if word == "--method":
        method = arguments.pop(0)
    elif word == "--jq":
        jq = arguments.pop(0)
    elif word == "-F":
        key, value = arguments.pop(0).split("=", 1)
        assert value.startswith("@"), "a long body does not fit into an argument"
        fields[key] = pathlib.Path(value[1:]).read_text(encoding="utf-8")
    elif word not in ("--silent", "--paginate"):
        assert path is None and not word.startswith("-"), word
        path = word
assert os.environ.get("GH_TOKEN"), "gh has no token"


def refuse(status, why):
    print(f"gh: {why} (HTTP {status})", file=sys.stderr)
    sys.exit(1)


comments = f"repos/{os.environ['GITHUB_REPOSITORY']}/issues/7/comments"
one = re.fullmatch(rf"repos/{os.environ['GITHUB_REPOSITORY']}/issues/comments/(\d+)", path)
if method == "GET" and path.split("?")[0] == comments:
    # `--paginate` applies the expression to each page.
    pages = [state["comments"][i : i + 2] for i in range(0, len(state["comments"]), 2)] or [[]]
    for page in pages:
        done = subprocess.run(["jq", "-r", jq], input=json.dumps(page), text=True, capture_output=True, check=True)
        sys.stdout.write(done.stdout)
    sys.exit(0)
if state["read_only"]:
    refuse(403, "Resource not accessible by integration")
if len(fields["body"]) > 65536:
    refuse(422, "body is too long (maximum is 65536 characters)")
if method == "POST" and path == comments:
    comment = {"id": 1000 + len(state["comments"]), "user": {"login": state["login"]}, "body": fields["body"]}
    state["comments"].append(comment)
elif method == "PATCH" and one:
    found = [comment for comment in state["comments"] if comment["id"] == int(one.group(1))]
    if not found:
        refuse(404, "Not Found")
    found[0]["body"] = fields["body"]
else:
    refuse(404, f"Not Found: {method} {path}")
store.write_text(json.dumps(state))
