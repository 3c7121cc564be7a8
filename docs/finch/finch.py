#!/usr/bin/env python3
# ===- finch.py - A small language on managed references -----------------------=== #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""Compiles Finch to LLVM IR: finch.py PROGRAM.finch > PROGRAM.ll

docs/writing-a-frontend.md explains it. The language has integers, strings, and data types with
constructors; functions, variables, loops and match. This file writes no count.
"""

import pathlib
import re
import sys
from types import SimpleNamespace

REF = "ptr addrspace(77)"
PRELUDE = pathlib.Path(__file__).with_name("prelude.ll").read_text()
TOKEN = re.compile(
    r'\s+|#[^\n]*|(?P<int>\d+)|(?P<str>"[^"\n]*")|(?P<name>\w+)|(?P<op>->|[<>=!]=|[-+*/%<>=|.,:;(){}])'
)
COMPARE = {"==": "eq", "!=": "ne", "<": "slt", ">": "sgt", "<=": "sle", ">=": "sge"}
ARITHMETIC = {"+": "add", "-": "sub", "*": "mul", "/": "sdiv", "%": "srem"}


class Mistake(Exception):
    """What is wrong with a program, and in which line."""


class Compiler:
    def __init__(self, text):
        self.tokens, line, at = [], 1, 0
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found:
                raise Mistake(f"line {line}: {text[at]!r} is no part of the language")
            if found.lastgroup:
                self.tokens.append((found.lastgroup, found.group(), line))
            line += found.group().count("\n")
            at = found.end()
        self.tokens.append(("end", "the end", line))
        self.at = 0
        self.types = {"Int": None, "Str": None}  # of a data type: its constructors
        self.constructors, self.functions = {}, {}  # of a function: its parameters' types, its result
        self.globals, self.bodies = [], []

    def mistake(self, what):
        raise Mistake(f"line {self.tokens[max(self.at - 1, 0)][2]}: {what}")

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def takes(self, text):
        found = self.tokens[self.at][1] == text
        self.at += found
        return found

    def wants(self, text):
        kind, found, _ = self.next()
        if found != text or kind == "str":
            self.mistake(f"{text!r} should be here, not {found!r}")

    def name(self, what):
        kind, found, _ = self.next()
        if kind != "name":
            self.mistake(f"{what} should be here, not {found!r}")
        return found

    def type(self):
        name = self.name("a type")
        return name if name in self.types else self.mistake(f"there is no type {name}")

    def list_of(self, item, end):
        found = []
        while not self.takes(end):
            if found:
                self.wants(",")
            found.append(item())
        return found

    def typed_name(self):
        name = self.name("a name")
        self.wants(":")
        return name, self.type()

    # ---- declarations -----------------------------------------------------------

    def program(self):
        self.declare()
        while self.tokens[self.at][0] != "end":
            if self.takes("data"):
                self.data()
            else:
                self.wants("fn")
                self.function()
        if self.functions.get("main") != ([], "Int"):
            self.mistake("there is no fn main() -> Int")
        return "\n".join([PRELUDE, *self.globals, *self.bodies])

    def declare(self):
        """Reads the signatures and constructors, so that the order does not matter."""
        for (_, word, _), (_, name, _) in zip(self.tokens, self.tokens[1:]):
            if word == "data":
                self.types[name] = []
        start, depth = self.at, 0
        while self.tokens[self.at][0] != "end":
            word = self.next()[1]
            depth += (word == "{") - (word == "}")
            if word == "data" and depth == 0:
                self.declare_constructors(self.name("a type's name"))
            elif word == "fn" and depth == 0:
                name = self.name("a function's name")
                self.wants("(")
                parameters = [t for _, t in self.list_of(self.typed_name, ")")]
                self.wants("->")
                self.functions[name] = (parameters, self.type())
        self.at = start

    def declare_constructors(self, of):
        self.wants("=")
        while not self.types[of] or self.takes("|"):
            name = self.name("a constructor")
            fields = self.list_of(self.typed_name, ")") if self.takes("(") else []
            # A type's first constructor without fields is null, and the others are objects.
            null = not fields and not any(c.is_null for c in self.types[of])
            c = SimpleNamespace(name=name, of=of, tag=len(self.types[of]), fields=fields, is_null=null)
            self.types[of].append(c)
            self.constructors[name] = c
        self.wants(";")

    def data(self):
        """A type descriptor for each constructor: docs/intrinsics.md says what is in it."""
        of = self.name("a type's name")
        while not self.takes(";"):
            self.next()
        for c in self.types[of]:
            offsets = [f"i32 {8 * i}" for i, (_, t) in enumerate(c.fields) if t != "Int"]
            table = "null"
            if offsets:
                table = f"@{c.name}.fields"
                self.globals.append(f"{table} = internal constant [{len(offsets)} x i32] [{', '.join(offsets)}]")
            size = f"i32 {8 * max(len(c.fields), 1)}, i16 8, i16 {len(offsets)}, i32 0, i32 0, ptr {table}"
            self.globals.append(f"@{c.name}.type = internal global %type {{ {size}, ptr null, ptr null }}")

    # ---- functions --------------------------------------------------------------

    def function(self):
        name = self.name("a function's name")
        self.wants("(")
        parameters = self.list_of(self.typed_name, ")")
        self.wants("->")
        self.result = self.type()
        self.scope, self.entry, self.lines, self.names = {}, [], [], 0
        self.ends = False
        for parameter, t in parameters:
            self.variable(parameter, f"%{parameter}.arg", t)
        self.block()
        if not self.ends:
            self.emit(f"ret {self.ir(self.result)} {'0' if self.result == 'Int' else 'null'}")
        list_ = ", ".join(f"{self.ir(t)} %{n}.arg" for n, t in parameters)
        head = f"define {self.ir(self.result)} @finch.{name}({list_}) {{"
        self.bodies.append("\n".join([head, *self.entry, *self.lines, "}\n"]))

    def ir(self, t):
        return "i64" if t == "Int" else REF

    def emit(self, text):
        self.lines.append("  " + text)

    def value(self, text):
        self.names += 1
        self.emit(f"%v{self.names} = {text}")
        return f"%v{self.names}"

    def label(self, what):
        self.names += 1
        return f"{what}.{self.names}"

    def begin(self, label):
        self.jump(label)
        self.lines.append(f"{label}:")
        self.ends = False

    def jump(self, label):
        if not self.ends:
            self.emit(f"br label %{label}")
        self.ends = True

    def variable(self, name, value, t):
        """A variable is a slot on the stack. It becomes a register, at every level."""
        self.names += 1
        place = f"%{name}.{self.names}"
        self.entry.append(f"  {place} = alloca {self.ir(t)}")
        self.emit(f"store {self.ir(t)} {value}, ptr {place}")
        self.scope[name] = (place, t)

    def block(self):
        outer = dict(self.scope)
        self.wants("{")
        while not self.takes("}"):
            if self.ends:  # nothing gets here, but a block has to begin
                self.begin(self.label("dead"))
            self.statement()
        self.scope = outer

    def statement(self):
        if self.takes("let"):
            name = self.name("a name")
            self.wants("=")
            self.variable(name, *self.expression())
        elif self.takes("return"):
            value, t = self.expression()
            self.check(t, self.result, "the result")
            self.emit(f"ret {self.ir(t)} {value}")
            self.ends = True
        elif self.takes("while"):
            head, body, after = self.label("while"), self.label("do"), self.label("done")
            self.begin(head)
            self.condition(body, after)
            self.begin(body)
            self.block()
            self.jump(head)
            return self.begin(after)
        elif self.takes("if"):
            yes, no, after = self.label("then"), self.label("else"), self.label("fi")
            self.condition(yes, no)
            self.begin(yes)
            self.block()
            self.jump(after)
            self.begin(no)
            if self.takes("else"):
                self.block()
            return self.begin(after)
        elif self.takes("match"):
            return self.match()
        else:  # an expression, or a variable or field that gets a value
            value, t = self.expression()
            if self.takes("="):
                place, space = self.place or self.mistake("only a variable or a field can get a value")
                value, given = self.expression()
                self.check(given, t, "the value")
                self.emit(f"store {self.ir(t)} {value}, {space} {place}")
        self.wants(";")

    def condition(self, yes, no):
        value, t = self.expression()
        self.check(t, "Int", "the condition")
        self.emit(f"br i1 {self.value(f'icmp ne i64 {value}, 0')}, label %{yes}, label %{no}")
        self.ends = True

    def match(self):
        value, t = self.expression()
        if not self.types[t]:
            self.mistake(f"{t} has no constructors")
        after, other = self.label("matched"), self.label("none")
        arms = {c.name: self.label(c.name) for c in self.types[t]}
        null = next((c for c in self.types[t] if c.is_null), None)
        if null:
            some = self.label("some")
            test = self.value(f"icmp eq {REF} {value}, null")
            self.emit(f"br i1 {test}, label %{arms[null.name]}, label %{some}")
            self.begin(some)
        tag = self.value(f"call i8 @cairn.ref.tag({REF} {value})")
        cases = " ".join(f"i8 {c.tag}, label %{arms[c.name]}" for c in self.types[t] if not c.is_null)
        self.emit(f"switch i8 {tag}, label %{other} [ {cases} ]")
        self.wants("{")
        while not self.takes("}"):
            c = self.constructors.get(self.name("a constructor"))
            if not c or c.of != t or c.name not in arms:
                self.mistake(f"a constructor of {t} should be here, once")
            self.begin(arms.pop(c.name))
            outer = dict(self.scope)
            names = self.list_of(lambda: self.name("a name"), ")") if self.takes("(") else []
            if len(names) != len(c.fields):
                self.mistake(f"{c.name} has {len(c.fields)} fields")
            for i, (name, (_, field)) in enumerate(zip(names, c.fields)):
                self.variable(name, self.value(f"load {self.ir(field)}, {REF} {self.field(value, i)}"), field)
            self.block()
            self.jump(after)
            self.scope = outer
        for label in [*arms.values(), other, after]:
            self.begin(label)

    # ---- expressions: a value and its type ----------------------------------------

    def check(self, found, wanted, what):
        if found != wanted:
            self.mistake(f"{what} is {found}, and should be {wanted}")

    def field(self, value, index):
        return self.value(f"getelementptr i8, {REF} {value}, i64 {8 * index}")

    def expression(self):
        left, t = self.sum()
        if self.tokens[self.at][1] in COMPARE:
            operation = COMPARE[self.next()[1]]
            right, other = self.sum()
            self.check(other, t, "the right side")
            self.place = None
            if t != "Int" and operation not in ("eq", "ne"):
                self.mistake(f"{t} has no order")
            bit = self.value(f"icmp {operation} {self.ir(t)} {left}, {right}")
            return self.value(f"zext i1 {bit} to i64"), "Int"
        return left, t

    def sum(self):
        return self.chain("+-", lambda: self.chain("*/%", self.operand))

    def chain(self, operators, part):
        left, t = part()
        while self.tokens[self.at][1] in operators and self.tokens[self.at][0] == "op":
            operation = ARITHMETIC[self.next()[1]]
            self.check(t, "Int", "the left side")
            right, t = part()
            self.check(t, "Int", "the right side")
            self.place = None
            left = self.value(f"{operation} i64 {left}, {right}")
        return left, t

    def operand(self):
        self.place = None
        kind, text, _ = self.next()
        if kind in ("int", "str"):
            return (text, "Int") if kind == "int" else (self.string(text[1:-1].encode()), "Str")
        if text == "-":
            value, t = self.operand()
            self.check(t, "Int", "what is negated")
            return self.value(f"sub i64 0, {value}"), t
        if text == "(":
            found = self.expression()
            self.wants(")")
            return found
        if kind != "name":
            self.mistake(f"a value should be here, not {text!r}")
        if text in self.constructors:
            return self.construct(self.constructors[text])
        if self.takes("("):
            return self.call(text, self.list_of(self.expression, ")"))
        if text not in self.scope:
            self.mistake(f"there is no variable {text}")
        place, t = self.scope[text]
        value = self.value(f"load {self.ir(t)}, ptr {place}")
        self.place = (place, "ptr")
        while self.takes("."):
            value, t = self.member(value, t, self.name("a field"))
        return value, t

    def member(self, value, t, name):
        if len(self.types[t] or []) != 1:
            self.mistake(f"{t} does not have one constructor: use match")
        for i, (field, of) in enumerate(self.types[t][0].fields):
            if field == name:
                self.place = (self.field(value, i), REF)
                return self.value(f"load {self.ir(of)}, {REF} {self.place[0]}"), of
        self.mistake(f"{t} has no field {name}")

    def construct(self, c):
        arguments = self.list_of(self.expression, ")") if self.takes("(") else []
        if [t for _, t in arguments] != [t for _, t in c.fields]:
            self.mistake(f"{c.name} takes {', '.join(t for _, t in c.fields) or 'nothing'}")
        self.place = None
        if c.is_null:
            return "null", c.of
        made = self.value(f"call {REF} @cairn.ref.alloc.tagged(ptr @{c.name}.type, i8 {c.tag})")
        for i, (value, t) in enumerate(arguments):
            self.emit(f"store {self.ir(t)} {value}, {REF} {self.field(made, i)}")
        return made, c.of

    def string(self, text):
        name, escaped = f"@text.{len(self.globals)}", "".join(f"\\{b:02X}" for b in text)
        self.globals.append(f'{name} = internal constant [{len(text)} x i8] c"{escaped}"')
        return self.value(f"call {REF} @cairn.ref.alloc.string(ptr {name}, i64 {len(text)})")

    def call(self, name, arguments):
        self.place = None
        types = [t for _, t in arguments]
        if name == "print" and types in (["Int"], ["Str"]):
            self.emit(f"call void @print.{types[0]}({self.ir(types[0])} {arguments[0][0]})")
            return "0", "Int"
        parameters, result = self.functions.get(name) or self.mistake(f"there is no function {name}")
        if types != parameters:
            self.mistake(f"{name} takes {', '.join(parameters) or 'nothing'}")
        list_ = ", ".join(f"{self.ir(t)} {value}" for value, t in arguments)
        return self.value(f"call {self.ir(result)} @finch.{name}({list_})"), result


def main():
    for path in sys.argv[1:2] or sys.exit("usage: finch.py PROGRAM.finch > PROGRAM.ll"):
        try:
            print(Compiler(pathlib.Path(path).read_text()).program())
        except (Mistake, OSError) as error:
            sys.exit(f"{path}: {error}")


if __name__ == "__main__":
    main()
