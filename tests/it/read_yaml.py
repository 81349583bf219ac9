"""Reads each N.yaml of a directory with PyYAML (YAML 1.1) and ruamel (YAML 1.2), and compares with N.json."""

import json
import pathlib
import sys

import yaml
from ruamel.yaml import YAML

try:
    Loader = yaml.CSafeLoader
except AttributeError:
    Loader = yaml.SafeLoader


def main() -> int:
    count = 0
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.yaml")):
        wanted = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        text = path.read_text(encoding="utf-8", newline="") if sys.version_info >= (3, 13) else open(
            path, encoding="utf-8", newline="").read()
        readers = {
            "PyYAML": lambda: list(yaml.load_all(text, Loader=Loader)),
            "ruamel": lambda: list(YAML(typ="safe", pure=True).load_all(text)),
        }
        for name, read in readers.items():
            found = read()
            if len(found) != len(wanted):
                print(f"{name} sees {len(found)} documents in {path.name}, not {len(wanted)}")
                return 1
            for one, other in zip(found, wanted):
                if one != other:
                    print(f"{name} sees {one!r}, not {other!r}")
                    return 1
        count += len(wanted)
    print(f"{count} documents, the same to PyYAML and ruamel")
    return 0


sys.exit(main())
