# ===- sums.py - Random programs over sums ------------------------------------=== #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""Writes programs as compilers of functional languages do, in C.

A value is null or an object of one of several constructors, which its tag names; some constructors
share a structure. Functions ask for the tag, read the fields, and make objects of the same or other
constructors of them and of what further calls return; others compute numbers, walk along a field in
a loop, or return two values. The structures have numbers of several widths between their references,
so that a word that is a reference in one constructor is a number in another, and the functions are
short, so that LLVM merges what their arms have in common.

In some programs fields are also written: a number of any object, and a reference where the object is
younger than what it is to refer to, so that there are no cycles.
"""

from __future__ import annotations

import dataclasses
import random

SLOTS = 6
NUMBERS = {"int64_t": "l", "int32_t": "i", "uint8_t": "c", "double": "d", "uint16_t": "h"}


@dataclasses.dataclass
class Constructor:
    tag: int
    struct: Constructor | None  # whose structure it has, if not its own
    fields: list[tuple[str, str]]  # name and type, "value" for a reference
    final: bool

    @property
    def name(self) -> str:
        return f"K{self.struct.tag if self.struct else self.tag}"

    @property
    def refs(self) -> list[str]:
        return [name for name, kind in self.fields if kind == "value"]

    @property
    def numbers(self) -> list[tuple[str, str]]:
        return [(name, kind) for name, kind in self.fields if kind != "value"]

    def c(self, births: bool) -> str:
        lines = []
        if not self.struct:
            members = ["int64_t birth;"] * births + [f"{kind} {name};" for name, kind in self.fields]
            refs = "".join(f", {name}" for name in self.refs)
            lines.append(f"struct {self.name} {{ {' '.join(members)} }};")
            if self.final:
                # What is counted must not change while the object lives, other than its birth.
                seen = "((struct NAME *)object)->birth" if births else "1"
                lines.append(
                    f"static void end_{self.name}(void *object) {{ (void)object; uint64_t seen = "
                    f"{seen.replace('NAME', self.name)}; mg_final(&seen); }}"
                )
                lines.append(f"CAIRN_TYPE_FINAL({self.name}, struct {self.name}, end_{self.name}{refs});")
            else:
                lines.append(f"CAIRN_TYPE({self.name}, struct {self.name}{refs});")
            lines.append(f"#define {self.name}(v) ((struct {self.name} cairn_managed *)(v))")
        parameters = ", ".join(f"{kind} {name}" for name, kind in self.fields) or "void"
        stores = " ".join(f"o->{name} = {name};" for name, _ in self.fields)
        birth = "o->birth = ++mg_births; " if births else ""
        lines.append(
            f"static value make{self.tag}({parameters}) {{ struct {self.name} cairn_managed *o = "
            f"cairn_ref_new_tagged(&{self.name}, {self.tag}); {birth}{stores} return (value)o; }}"
        )
        return "\n".join(lines)


@dataclasses.dataclass
class Function:
    name: str
    result: str  # "value", "int64_t" or "pair"
    values: int  # parameters v0, v1, ...
    owned: list[int]
    static: bool
    noinline: bool
    text: str = ""

    @property
    def signature(self) -> str:
        values = "".join(f"value v{i}, " for i in range(self.values))
        owned = f"cairn_owned({', '.join(str(i + 1) for i in self.owned)}) " if self.owned else ""
        how = "__attribute__((noinline)) " * self.noinline + "static " * self.static
        return f"{owned}{how}{self.result} {self.name}({values}int64_t n)"


class Scope:
    """What can be named at a point: values, numbers, and which constructor a value is known to have."""

    def __init__(self, values: list[str], numbers: list[str], known: dict[str, Constructor], calls: int) -> None:
        self.values, self.numbers, self.known, self.calls = list(values), list(numbers), dict(known), calls

    def inner(self) -> Scope:
        return Scope(self.values, self.numbers, self.known, self.calls)


class Sums:
    by_value = True  # pairs are: C may keep them in slots, which live longer

    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(seed)
        self.seed, self.names = seed, 0
        self.births, self.mutates, self.counts = rng.random() < 0.4, rng.random() < 0.5, rng.random() < 0.5
        self.constructors: list[Constructor] = []
        for tag in range(1, rng.randrange(3, 7)):
            own = [k for k in self.constructors if not k.struct]
            struct = rng.choice(own) if own and rng.random() < 0.25 else None
            fields = struct.fields if struct else self.fields(tag)
            self.constructors.append(Constructor(tag, struct, fields, not struct and rng.random() < 0.15))
        self.functions: list[Function] = []
        for i in range(rng.randrange(4, 10)):
            values = rng.choice([1, 1, 1, 2, 2, 3])
            self.functions.append(Function(
                f"f{i}", rng.choice(["value"] * 5 + ["int64_t", "pair"]) if i else "value", values,
                [p for p in range(values) if rng.random() < 0.3], rng.random() < 0.7, rng.random() < 0.3,
            ))  # fmt: skip
        for f in self.functions:
            self.write(f)

    def fields(self, tag: int) -> list[tuple[str, str]]:
        rng = self.rng
        kinds = ["value"] * rng.choice([0, 1, 1, 2, 2, 2, 3, 4]) if tag > 1 else ["value"] * rng.choice([0, 1])
        kinds += [rng.choice(list(NUMBERS)) for _ in range(rng.choice([0, 1, 1, 2, 3]) or not kinds)]
        rng.shuffle(kinds)
        # Most often the same names for the same places, as in what a compiler writes.
        return [(f"{'r' if kind == 'value' else NUMBERS[kind]}{i}", kind) for i, kind in enumerate(kinds)]

    def fresh(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    # Expressions

    def number(self, s: Scope, depth: int = 2) -> str:
        rng = self.rng
        kind = rng.randrange(8)
        known = [(v, k) for v, k in s.known.items() if k.numbers]
        if kind < 3 and known:
            v, k = rng.choice(known)
            name, width = rng.choice(k.numbers)
            return f"(int64_t){k.name}({v})->{name}" if width != "double" else f"(int64_t)({k.name}({v})->{name} * 4)"
        if kind == 3 and depth:
            op = rng.choice(["+", "-", "^", "&"])
            return f"(int64_t)((uint64_t){self.number(s, depth - 1)} {op} (uint64_t){self.number(s, depth - 1)})"
        if kind == 4 and depth and s.calls and (fs := [f for f in self.functions if f.result == "int64_t"]):
            return self.call(s, rng.choice(fs), depth)
        if kind == 5:
            return f"tag({rng.choice(s.values)})"
        if kind == 6 and s.numbers:
            return rng.choice(s.numbers)
        return str(rng.choice([0, 1, 1, 2, 7, 200, 100000]))

    def condition(self, s: Scope) -> str:
        rng = self.rng
        v = rng.choice(s.values)
        return rng.choice([
            f"{self.number(s)} {rng.choice(['<', '==', '>'])} {self.number(s)}", f"{v}",
            f"tag({v}) == {rng.choice(self.constructors).tag}", f"{v} == {rng.choice(s.values)}",
            f"({self.number(s)} & 1)",
        ])  # fmt: skip

    def call(self, s: Scope, f: Function, depth: int) -> str:
        s.calls -= 1
        return f"{f.name}({''.join(self.value(s, depth - 1) + ', ' for _ in range(f.values))}n - 1)"

    def make(self, s: Scope, depth: int, like: Constructor | None = None) -> str:
        k = like if like and self.rng.random() < 0.6 else self.rng.choice(self.constructors)
        arguments = [self.value(s, depth - 1) if kind == "value" else self.as_number(s, kind) for _, kind in k.fields]
        return f"make{k.tag}({', '.join(arguments)})"

    def as_number(self, s: Scope, kind: str) -> str:
        # A double is a quarter of an integer, exactly.
        return f"(double)(int32_t){self.number(s)} / 4" if kind == "double" else f"({kind})({self.number(s)})"

    def value(self, s: Scope, depth: int) -> str:
        rng = self.rng
        kind = rng.randrange(20)
        known = [(v, k) for v, k in s.known.items() if k.refs]
        if kind < 7 and known:
            v, k = rng.choice(known)
            return f"{k.name}({v})->{rng.choice(k.refs)}"
        if depth <= 0:
            return rng.choice([*s.values, *s.values, "nil"])
        if kind < 12 and s.calls and (fs := [f for f in self.functions if f.result == "value"]):
            return self.call(s, rng.choice(fs), depth)
        if kind < 16:
            return self.make(s, depth, rng.choice([*s.known.values()]) if s.known else None)
        if kind == 16:
            inner = s.inner()
            return f"({self.condition(inner)} ? {self.value(inner, depth - 1)} : {self.value(inner, depth - 1)})"
        if kind == 17:
            return f"slots[{rng.randrange(SLOTS)}]"
        return rng.choice([*s.values, "nil"])

    # Statements

    def statements(self, s: Scope, n: int, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(n):
            lines += self.statement(s, depth)
        return lines

    def statement(self, s: Scope, depth: int) -> list[str]:
        rng = self.rng
        kind = rng.randrange(14)
        if kind < 3:
            lines = [f"value {(name := self.fresh('x'))} = {self.value(s, 2)};"]
            s.values.append(name)
            return lines
        if kind < 5:
            lines = [f"int64_t {(name := self.fresh('y'))} = {self.number(s)};"]
            s.numbers.append(name)
            return lines
        if kind == 5:
            return [f"slots[{rng.randrange(SLOTS)}] = {self.value(s, 2)};"]
        if kind == 6:
            return [f"mix({self.number(s)});"]
        if kind == 7 and (others := [v for v in s.values if v not in s.known]):
            return [f"{rng.choice(others)} = {self.value(s, 2)};"]
        if kind == 8 and depth:
            then, other = self.statements(s.inner(), 2, depth - 1), self.statements(s.inner(), 1, depth - 1)
            return [f"if ({self.condition(s)}) {{", *then, *(["} else {", *other] if rng.random() < 0.5 else []), "}"]
        if kind == 9 and s.calls and (pairs := [f for f in self.functions if f.result == "pair"]):
            lines = [f"pair {(name := self.fresh('p'))} = {self.call(s, rng.choice(pairs), 2)};"]
            s.values += [f"{name}.a", f"{name}.b"]
            return lines
        if kind == 10 and depth:
            return self.loop(s)
        if kind >= 11 and self.mutates and s.known:
            v, k = rng.choice(list(s.known.items()))
            if k.numbers and (kind == 11 or not k.refs or not self.births):
                name, width = rng.choice(k.numbers)
                return [f"{k.name}({v})->{name} = {self.as_number(s, width)};"]
            if k.refs and self.births:
                new = self.fresh("x")
                return [
                    f"value {new} = {self.value(s, 1)};",
                    f"if (!{new} || *(int64_t cairn_managed *){new} < {k.name}({v})->birth)",
                    f"  {k.name}({v})->{rng.choice(k.refs)} = {new};",
                ]
        return []

    def loop(self, s: Scope) -> list[str]:
        """Goes along a field and makes a value of what it passes."""
        ks = [k for k in self.constructors if k.refs]
        if not ks:
            return []
        k, walker, made, steps = self.rng.choice(ks), self.fresh("x"), self.fresh("x"), self.fresh("y")
        inner = Scope([made, walker], [steps], {walker: k}, min(s.calls, 1))
        body = self.statements(inner, self.rng.randrange(2), 0)
        lines = [
            f"value {walker} = {self.value(s, 1)}, {made} = {self.rng.choice([*s.values, 'nil'])};",
            f"for (int64_t {steps} = 0; {steps} < 9 && tag({walker}) == {k.tag}; ++{steps}) {{", *body,
            f"  {made} = {self.make(inner, 1, k) if self.rng.random() < 0.7 else self.value(inner, 1)};",
            f"  {walker} = {k.name}({walker})->{self.rng.choice(k.refs)};", "}",
        ]  # fmt: skip
        s.values += [walker, made]
        return lines

    def rebuilt(self, s: Scope, f: Function, v: str, k: Constructor) -> str:
        """The same constructor or another one, of the fields and of what calls make of them."""
        rng = self.rng
        like = k if rng.random() < 0.6 else rng.choice(self.constructors)
        callees = [f] * 3 + [g for g in self.functions if g.result == "value"]
        arguments, left = [], list(k.refs)
        for name, kind in like.fields:
            if kind != "value":
                same = dict(k.fields).get(name) == kind and rng.random() < 0.7
                arguments.append(f"{k.name}({v})->{name}" if same else self.as_number(s, kind))
            elif not left or rng.random() < 0.2:
                arguments.append(self.value(s, 1))
            else:
                field = f"{k.name}({v})->{left.pop(0 if rng.random() < 0.8 else -1)}"
                if s.calls > 0 and rng.random() < 0.6:
                    s.calls -= 1
                    g = rng.choice(callees)
                    place = rng.randrange(g.values)
                    given = "".join(f"{field if i == place else self.value(s, 0)}, " for i in range(g.values))
                    field = f"{g.name}({given}n - 1)"
                arguments.append(field)
        return f"make{like.tag}({', '.join(arguments)})"

    def returned(self, s: Scope, f: Function) -> str:
        if f.result == "int64_t":
            return f"return {self.number(s, 3)};"
        if f.result == "pair":
            if self.rng.random() < 0.3 and s.calls:
                return f"return {self.call(s, self.rng.choice([g for g in self.functions if g.result == 'pair']), 2)};"
            return f"return (pair){{{self.value(s, 2)}, {self.value(s, 2)}}};"
        if s.known and self.rng.random() < 0.6:
            return f"return {self.rebuilt(s, f, *self.rng.choice(list(s.known.items())))};"
        return f"return {self.value(s, 3)};"

    def arm(self, s: Scope, f: Function, v: str, k: Constructor, depth: int) -> list[str]:
        """What is done where `v` is known to be a `k`; the fields often have names of their own."""
        rng = self.rng
        s.known[v] = k
        lines = []
        if rng.random() < 0.5:
            for r in k.refs:
                lines.append(f"value {(name := self.fresh('x'))} = {k.name}({v})->{r};")
                s.values.append(name)
        lines += self.statements(s, rng.choice([0, 0, 0, 1, 2]), 1)
        others = [w for w in s.values if w not in s.known]
        if depth and others and rng.random() < 0.4:
            return [*lines, *self.match(s, f, rng.choice(others), depth - 1)]
        return [*lines, self.returned(s, f)]

    def match(self, s: Scope, f: Function, v: str, depth: int) -> list[str]:
        rng = self.rng
        chosen = rng.sample(self.constructors, rng.randrange(1, len(self.constructors) + 1))
        if rng.random() < 0.3:  # as a chain of tests
            lines = []
            for k in chosen[:2]:
                lines += [f"if (tag({v}) == {k.tag}) {{", *self.arm(s.inner(), f, v, k, depth), "}"]
            return [*lines, self.returned(s, f)]
        lines = [f"switch (tag({v})) {{"]
        for k in chosen:
            lines += [f"case {k.tag}: {{", *self.arm(s.inner(), f, v, k, depth), "}"]
        return [*lines, "default: break;", "}", self.returned(s, f)]

    def write(self, f: Function) -> None:
        rng = self.rng
        empty = {"value": f"v{rng.randrange(f.values)}", "int64_t": "n", "pair": f"(pair){{v0, v{f.values - 1}}}"}
        s = Scope([f"v{i}" for i in range(f.values)], ["n"], {}, rng.choice([1, 2, 2, 3, 4]))
        guard = "n <= 0 || !spend()" if self.counts else "n <= 0"
        body = [f"if ({guard})", f"  return {empty[f.result]};", *self.statements(s, rng.choice([0, 0, 1]), 0)]
        body += self.match(s, f, rng.choice([v for v in s.values if "." not in v]), 2)
        f.text = "\n".join([f"{f.signature} {{", *(f"  {line}" for line in body), "}", ""])

    def round(self) -> str:
        rng = self.rng
        cases = []
        for i in range(24):
            f = rng.choice(self.functions)
            arguments = "".join(f"slots[{rng.randrange(SLOTS)}], " for _ in range(f.values))
            call, to = f"{f.name}({arguments}{rng.randrange(2, 5)})", rng.randrange(SLOTS)
            if rng.random() < 0.25:
                s = Scope([f"slots[{rng.randrange(SLOTS)}]"], [], {}, 0)
                line = f"slots[{to}] = {self.make(s, 2)};"
            elif f.result == "int64_t":
                line = f"mix({call});"
            elif f.result == "pair":
                line = f"pair p = {call}; slots[{to}] = p.a; slots[{rng.randrange(SLOTS)}] = p.b;"
            else:
                line = f"slots[{to}] = {call};"
            cases.append(f"  case {i}: {{ {line} break; }}")
        return "\n".join(cases)

    def hashes(self) -> str:
        lines = []
        for k in self.constructors:
            numbers = " ".join(
                f"h = h * 31 + (uint64_t)(int64_t)({'4 * ' if kind == 'double' else ''}{k.name}(v)->{name});"
                for name, kind in k.numbers
            )
            refs = " ".join(f"h = h * 37 + hash({k.name}(v)->{name}, depth - 1);" for name in k.refs)
            lines.append(f"  case {k.tag}: {numbers} {refs} break;")
        return "\n".join(lines)

    def c(self) -> str:
        """With -DMODEL, the model."""
        return "\n".join([
            f"// seed {self.seed}, of sums", PRELUDE, *(k.c(self.births) for k in self.constructors),
            f"const cairn_type *const mg_types[] = {{{', '.join(f'&{k.name}' for k in self.constructors)}}};",
            *(f.signature + ";" for f in self.functions), *(f.text for f in self.functions),
            ROUND.replace("CASES", self.round()).replace("HASHES", self.hashes()),
        ])  # fmt: skip


PRELUDE = """#include "support.h"

typedef struct value cairn_managed *value;
typedef struct {
  value a, b;
} pair;
#define nil ((value)NULL)
value slots[SLOTS];
void *const mg_statics[] = {NULL};

static void mix(int64_t v) {
  mg_acc = (mg_acc ^ (uint64_t)v) * 0x9e3779b97f4a7c15u;
  mg_acc ^= mg_acc >> 29;
}
static uint64_t pick(void) {
  mg_state = mg_state * 6364136223846793005u + 1442695040888963407u;
  return mg_state >> 33;
}
static int spend(void) {
  ++mg_operations;
  return mg_fuel-- > 0;
}
static int64_t tag(value v) { return v ? cairn_ref_tag(v) : 0; }
""".replace("SLOTS", str(SLOTS))

ROUND = """static uint64_t hash(value v, int depth) {
  if (depth <= 0)
    return 3;
  uint64_t h = (uint64_t)tag(v);
  switch (h) {
HASHES
  }
  return h;
}
int64_t mg_round(int64_t round) {
  for (int i = 0; i < 12; ++i) {
    mg_operations += 10;
    switch (pick() % 24) {
CASES
    }
    mix((int64_t)hash(slots[pick() % SLOTS], 6));
  }
  return round;
}
void mg_clear(void) {
  for (int i = 0; i < SLOTS; ++i)
    slots[i] = NULL;
}
void mg_start(void) { mg_roots((void **)slots, SLOTS); }
""".replace("SLOTS", str(SLOTS))
