"""Reads every frozen envelope with the independent reader. Run: /usr/bin/python3 tests/oracle/test_vectors.py"""

import dataclasses
import json
import pathlib
import unittest

import envelope_reader as reader

FILE = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "envelope_v1.json"


class Vectors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.file = json.loads(FILE.read_text(encoding="utf-8"))
        key = cls.file["key"]
        cls.key = reader.Key(int(key["id"], 16), key["tenant"].encode(), key["domain"].encode(), bytes.fromhex(key["dek"]))
        cls.cases = {case["name"]: case for case in cls.file["cases"]}

    @staticmethod
    def place(case):
        row = case["row"]
        return reader.Place(case["table"].encode(), case["column"].encode(), row.encode() if row else None)

    def test_every_case_opens(self):
        self.assertEqual(len(self.cases), 40)
        for name, case in self.cases.items():
            with self.subTest(name):
                envelope = bytes.fromhex(case["binary"])
                kind, value, tag = reader.open_envelope(envelope, self.key, self.place(case))
                self.assertEqual(kind, case["type"])
                self.assertEqual(value.hex(), case["plaintext"])
                self.assertEqual(tag.hex() if tag else None, case["tag"])
                self.assertEqual(envelope[12 + (18 if tag else 0) :][: len(case["nonce"]) // 2].hex(), case["nonce"])

    def test_spellings_agree(self):
        for name, case in self.cases.items():
            with self.subTest(name):
                self.assertEqual(reader.from_text(case["text"]).hex(), case["binary"])
                self.assertEqual(json.loads(case["json"]), case["text"])
                self.assertEqual(reader.from_text("sr1." + case["text"][4:20]).hex(), case["binary"][:24])
                if case["tag"]:
                    self.assertEqual(reader.from_text("sr1." + case["text"][20:44]).hex(), case["tag"])

    def test_equality_tags(self):
        index = self.file["index_key"]
        for name, case in self.cases.items():
            if case["tag"]:
                with self.subTest(name):
                    tag = reader.equality_tag(bytes.fromhex(index["root"]), index["version"], self.key,
                                              case["column"].encode(), case["type"], bytes.fromhex(case["plaintext"]))
                    self.assertEqual(tag.hex(), case["tag"])

    def test_negatives_are_refused(self):
        self.assertGreater(len(self.file["negative"]), 20)
        for bad in self.file["negative"]:
            with self.subTest(bad["name"]), self.assertRaises(reader.Refused):
                reader.open_envelope(bytes.fromhex(bad["binary"]), self.key, self.place(self.cases[bad["like"]]))

    def test_other_places_and_keys_are_refused(self):
        for name, case in self.cases.items():
            place = self.place(case)
            envelope = bytes.fromhex(case["binary"])
            wrong = [
                (self.key, dataclasses.replace(place, table=b"t_other")),
                (self.key, dataclasses.replace(place, column=b"c_other")),
                (self.key, dataclasses.replace(place, row=None if place.row else b"1")),
                (dataclasses.replace(self.key, tenant=b"other"), place),
                (dataclasses.replace(self.key, dek=bytes(32)), place),
            ]
            if place.row:
                wrong.append((self.key, dataclasses.replace(place, row=b"1")))
            for key, where in wrong:
                with self.subTest(name), self.assertRaises(reader.Refused):
                    reader.open_envelope(envelope, key, where)


if __name__ == "__main__":
    unittest.main()
