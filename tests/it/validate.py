"""Validates every object of YAML streams: core kinds as the API server of Kubernetes would, Google's by crds/*.json.

Usage: validate.py CRDS STREAM...
"""

import json
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

# preStop.sleep is the newest field that is rendered.
VERSION = "1.30"


def kind_of(document):
    """What is for Google Cloud has no kind, and is told by what it must have."""
    return document.get("kind") or ("AlertPolicy" if "conditions" in document else "LogMetric")


def validate(document, crds):
    kind = kind_of(document)
    if kind in crds:
        jsonschema.Draft7Validator(crds[kind]).validate(document)
    else:
        kubernetes_validate.validate(document, VERSION, strict=True)


def main() -> int:
    crds = {path.stem: json.loads(path.read_text()) for path in pathlib.Path(sys.argv[1]).glob("*.json")}
    count = 0
    for stream in sys.argv[2:]:
        for document in yaml.load_all(pathlib.Path(stream).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            try:
                validate(document, crds)
            except Exception as error:  # whatever a validator raises is the finding
                print(f"{stream}: {kind_of(document)}: {error}")
                return 1
            count += 1
    print(f"{count} objects are valid")
    return 0


sys.exit(main())
