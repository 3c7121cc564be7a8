#===- pprof.py - A small reader of pprof's format --------------------------===//
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===----------------------------------------------------------------------===//
"""Reads a heap profile that Cairn wrote, for tests and measurements.

    profile = pprof.read("out.pb")
    profile.types        ["alloc_objects", "alloc_space", "inuse_objects", "inuse_space"]
    profile.samples      each with .frames, innermost first, .values by type, and .size
    profile.by(name)     values by type, summed over samples with a frame of that function
A frame is a dict: function, file and line where the profile has a name; else address and mapping.
A field that is malformed, or refers to what is not there, raises ValueError.
"""

import struct
import subprocess


def fields(data):
    """(number, value) of each field of a message: an int, or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            if at >= len(data) or shift > 63:
                raise ValueError(f"a number at byte {at} does not end")
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if not byte & 128:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        elif key & 7 == 2:
            size = varint()
            if at + size > len(data):
                raise ValueError(f"field {key >> 3} at byte {at} goes past the message's end")
            yield key >> 3, data[at:at + size]
            at += size
        else:
            raise ValueError(f"field {key >> 3} at byte {at} has kind {key & 7}")


def packed(data):
    return [value for _, value in fields(b"".join(b"\x08" + number for number in split(data)))]


def split(data):
    start = 0
    for i, byte in enumerate(data):
        if not byte & 128:
            yield data[start:i + 1]
            start = i + 1
    if start != len(data):
        raise ValueError("a packed number does not end")


def linked(path, offset):
    """The address that a place in a file of ELF was linked for; 0 where there is no such file."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return 0
    start, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for at in range(start, start + size * count, size):
        kind, _, where, address, _, bytes_of = struct.unpack_from("<IIQQQQ", data, at)
        if kind == 1 and where <= offset < where + bytes_of:  # PT_LOAD
            return offset - where + address
    return 0


class Sample:
    def __init__(self, frames, values, labels):
        self.frames, self.values, self.size = frames, values, labels.get("bytes")

    def functions(self):
        return [frame.get("function") for frame in self.frames]


class Profile:
    def __init__(self, data):
        texts, parts = [], {}
        for number, value in fields(data):
            if number == 6:
                texts.append(value.decode())
            else:
                parts.setdefault(number, []).append(value)
        if not texts or texts[0]:
            raise ValueError("the first text is not empty")
        one = lambda message: dict(fields(message))
        self.types = [texts[one(part)[1]] for part in parts.get(1, [])]
        self.units = [texts[one(part)[2]] for part in parts.get(1, [])]
        self.default = texts[parts[14][0]]
        self.period = parts.get(12, [None])[0]
        self.comments = [texts[i] for i in parts.get(13, [])]
        self.mappings = {}
        for part in map(one, parts.get(3, [])):
            self.mappings[part[1]] = {"start": part[2], "limit": part[3], "offset": part.get(4, 0),
                                      "file": texts[part[5]], "build": texts[part.get(6, 0)]}
        functions = {}
        for part in map(one, parts.get(5, [])):
            functions[part[1]] = {"function": texts[part[2]], "file": texts[part[4]]}
        frames = {}
        for part in parts.get(4, []):
            location = one(part)
            if location[1] in frames:
                raise ValueError(f"location {location[1]} twice")
            frame = {}
            if 4 in location:
                line = one(location[4])
                frame = {**functions[line[1]], "line": line.get(2, 0)}
            if 3 in location:
                frame["address"] = location[3]
                if 2 in location:
                    frame["mapping"] = self.mappings[location[2]]
            frames[location[1]] = frame
        self.samples = []
        for part in parts.get(2, []):
            locations, values, labels = [], [], {}
            for number, value in fields(part):
                if number == 1:
                    locations += packed(value)
                elif number == 2:
                    values += packed(value)
                elif number == 3:
                    label = one(value)
                    labels[texts[label[1]]] = label.get(3, 0)
            if len(values) != len(self.types):
                raise ValueError(f"a sample has {len(values)} values of {len(self.types)}")
            self.samples.append(Sample([frames[i] for i in locations],
                                       dict(zip(self.types, values)), labels))

    def name(self, symbolizer="llvm-symbolizer"):
        """Names the frames that are addresses in files, with a program of LLVM's."""
        unnamed = {}
        for sample in self.samples:
            for frame in sample.frames:
                if "function" not in frame and "mapping" in frame:
                    mapping = frame["mapping"]
                    at = linked(mapping["file"], frame["address"] - mapping["start"] + mapping["offset"])
                    unnamed.setdefault((mapping["file"], at), []).append(frame)
        asked = list(unnamed)
        if not asked:
            return self
        # With --no-inlines an answer is two lines and an empty one.
        out = subprocess.run([symbolizer, "--no-inlines"],
                             input="".join(f'"{file}" {hex(at)}\n' for file, at in asked),
                             capture_output=True, text=True).stdout
        for place, answer in zip(asked, out.split("\n\n")):
            function, _, where = answer.strip().partition("\n")
            file, line = (where.rsplit(":", 2) + ["0", "0"])[:2]
            for frame in unnamed[place]:
                if function and function != "??":
                    frame.update(function=function, file=file, line=int(line) if line.isdigit() else 0)
        return self

    def by(self, function):
        total = dict.fromkeys(self.types, 0)
        for sample in self.samples:
            if function in sample.functions():
                for type, value in sample.values.items():
                    total[type] += value
        return total

    def total(self):
        return {type: sum(sample.values[type] for sample in self.samples) for type in self.types}


def read(path):
    with open(path, "rb") as file:
        return Profile(file.read())
