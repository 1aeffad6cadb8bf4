# SPDX-License-Identifier: LGPL-2.1-or-later
"""What --json prints, by docs/lvmpollctl.schema.json; and the schema by the interface that the
daemon describes."""

import glob
import json
import os
import re
import unittest

import jsonschema

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SCHEMA = json.load(open(os.path.join(ROOT, "docs", "lvmpollctl.schema.json")))
INTERFACE = open(os.path.join(ROOT, "src/varlink/interfaces/io.lvmpolld.Operations.varlink")).read()


def _validator(name):
    return jsonschema.Draft7Validator({**SCHEMA, "oneOf": [{"$ref": f"#/definitions/{name}"}]})


def _varlink_type(name):
    """Names of its fields or values."""
    body = re.search(rf"^type {name} \((.*?)^\)", re.sub(r"#.*", "", INTERFACE), re.M | re.S)[1]
    return re.findall(r"^\s*(\w+)", body, re.M)


class Schema(unittest.TestCase):
    def test_is_one(self):
        jsonschema.Draft7Validator.check_schema(SCHEMA)

    def test_has_the_golden_files(self):
        outputs = {
            "list": "list",
            "list-kernel": "list",
            "operation": "one",
            "wait": "wait",
            "doctor-sick": "doctor",
        }
        files = glob.glob(os.path.join(ROOT, "test/unit/ctl/golden/*.json"))
        self.assertEqual({os.path.basename(file)[:-5] for file in files}, set(outputs))
        for file in files:
            with self.subTest(file=file), open(file) as text:
                _validator(outputs[os.path.basename(file)[:-5]]).validate(json.load(text))

    def test_refuses_something_else(self):
        with self.assertRaises(jsonschema.ValidationError):
            _validator("one").validate({"operation": {}})

    def test_has_the_fields_of_the_interface(self):
        definitions = SCHEMA["definitions"]
        for name in ("Operation", "Context", "Runtime", "Result"):
            self.assertEqual(list(definitions[name]["properties"]), _varlink_type(name), name)
        for name in ("Type", "Store", "PolledBy", "Engine", "State", "Verification", "Ending"):
            self.assertEqual(definitions[name]["enum"], _varlink_type(name), name)


if __name__ == "__main__":
    unittest.main()
