# ===- statements.py - Random statements over references ----------------------=== #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""Writes the statements of a function (function.py), each in C and in IR.

Objects have a number, their birth, in the first word, a number in the second, two references
in the next two, and more by their type. A reference goes only into an object that is younger
than what it refers to, so that there are no cycles.
"""

from __future__ import annotations

import random

from function import Block, Function, Instruction

REGISTERS = {"n": 6, "a": 1, "i": 2, "p": 1, "g": 1, "v": 1}
SLOTS = 8  # the program's global slots
STATICS = 2  # its static objects, which are older than all others


class Writer:
    """Appends to the last block of a function."""

    def __init__(self, rng: random.Random, program, function: Function) -> None:
        self.rng = rng
        self.program = program
        self.f = function
        self.registers = {
            k: [f"{k}{i}" for i in range(n)] for k, n in REGISTERS.items()
        }
        self.at: Block | None = None
        self.numbers = 0
        self.pad: Block | None = None

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def any(self, kind: str, *but: str) -> str:
        return self.rng.choice([r for r in self.registers[kind] if r not in but])

    def block(self, name: str | None = None) -> Block:
        b = Block(name or f"b{self.number()}")
        self.f.blocks.append(b)
        return b

    def add(self, target, uses, ir, c, **more) -> None:
        self.at.instructions.append(Instruction(target, uses, ir, c, **more))

    def jump(self, to: Block) -> None:
        self.at.ir_end, self.at.c_end = f"br label %{to.name}", f"goto {to.name};"
        self.at.targets = [to.name]

    def branch(self, uses, ir, c, yes: Block, no: Block) -> None:
        """`ir` computes %cK, with K for {k}."""
        k = self.number()
        ir = ir.replace("{k}", str(k))
        self.at.uses = uses
        self.at.ir_end = f"{ir}\nbr i1 %c{k}, label %{yes.name}, label %{no.name}"
        self.at.c_end = f"if ({c}) goto {yes.name}; else goto {no.name};"
        self.at.targets = [yes.name, no.name]

    def guard(self, uses, ir, c) -> Block:
        """Goes on where the condition holds; returns the block for after."""
        yes, after = self.block(), self.block()
        self.branch(uses, ir, c, yes, after)
        self.at = yes
        return after

    def is_set(self, r: str) -> Block:
        kind = "ptr" if r[0] == "p" else "{R}"
        return self.guard([r], f"%c{{k}} = icmp ne {kind} {{0}}, null", "{0}")

    def end(self, after: Block) -> None:
        self.jump(after)
        self.at = after

    def mix(self, ir: str, c: str, uses: list[str]) -> None:
        """`ir` computes %mK."""
        k = self.number()
        self.add(None, uses, ir.replace("{k}", str(k)) + f"\ncall void @mix(i64 %m{k})", f"mix({c});")

    # ---- statements -----------------------------------------------------------

    def statement(self) -> None:
        self.rng.choice(self.CHOICE)(self)

    def allocate(self) -> None:
        t = self.rng.choice(self.program.types)
        d = self.any("n")
        self.make(d, t, {i: self.any("n") for i in range(t.refs) if self.rng.random() < 0.4})

    def make(self, d: str, t, fields: dict[int, str]) -> None:
        """A new object of a type, with some of its references."""
        k = self.number()
        ir, c = f"call {{R}} @cairn.ref.alloc(ptr @{t.name})", f"cairn_ref_new(&{t.name})"
        if t.is_numbered or self.rng.random() < 0.5:  # the tag tells the audit the type
            ir = f"call {{R}} @cairn.ref.alloc.tagged(ptr @{t.name}, i8 {t.index + 1})"
            c = f"cairn_ref_new_tagged(&{t.name}, {t.index + 1})"
        more, more_c, uses = "", "", []
        for field, s in fields.items():
            at = self.number()
            more += f"\n%f{at} = getelementptr i8, {{R}} {{d}}, i64 {16 + 8 * field}"
            more += f"\nstore {{R}} {{{len(uses)}}}, {{R}} %f{at}"
            more_c += f" ((struct {t.name} cairn_managed *)m)->{t.field(field)} = {{{len(uses)}}};"
            uses.append(s)
        ir = (
            f"{{d}} = {ir}\n%b{k} = call i64 @next_birth()\nstore i64 %b{k}, {{R}} {{d}}\n"
            f"%w{k} = getelementptr i8, {{R}} {{d}}, i64 8\n%x{k} = mul i64 %b{k}, 77\n"
            f"store i64 %x{k}, {{R}} %w{k}{more}"
        )
        c = (
            f"{{{{ node m = {c}; m->birth = next_birth(); m->data = m->birth * 77;{more_c}"
            f" {{d}} = m; }}}}"
        )
        self.add(d, uses, ir, c)

    def load(self) -> None:
        s, d, f = self.any("n"), self.any("n"), self.rng.randrange(2)
        after = self.is_set(s)
        self.read(d, s, f)
        self.end(after)

    def read(self, d: str, s: str, f: int) -> None:
        k = self.number()
        self.add(
            d, [s], f"%f{k} = getelementptr i8, {{R}} {{0}}, i64 {16 + 8 * f}\n{{d}} = load {{R}}, {{R}} %f{k}",
            f"{{d}} = {{0}}->refs.r{f};",
        )

    def store(self) -> None:
        s, d, f = self.any("n"), self.any("n"), self.rng.randrange(2)
        k = self.number()
        after = self.guard([s, d], "%c{k} = call i1 @older({R} {0}, {R} {1})", "older({0}, {1})")
        self.add(
            None, [s, d],
            f"%f{k} = getelementptr i8, {{R}} {{1}}, i64 {16 + 8 * f}\nstore {{R}} {{0}}, {{R}} %f{k}",
            f"{{1}}->refs.r{f} = {{0}};",
        )
        self.end(after)

    def clear(self) -> None:
        d, f, k = self.any("n"), self.rng.randrange(2), self.number()
        after = self.is_set(d)
        self.add(
            None, [d],
            f"%f{k} = getelementptr i8, {{R}} {{0}}, i64 {16 + 8 * f}\nstore {{R}} null, {{R}} %f{k}",
            f"{{0}}->refs.r{f} = NULL;",
        )
        self.end(after)

    def slot(self) -> None:
        """A global, a thread-local or a slot on the stack: to or from."""
        r, k = self.any("n"), self.number()
        kind = self.rng.choice(["global", "own", "stack"] if self.f.slots else ["global", "own"])
        if kind == "global":
            where = self.rng.randrange(SLOTS)
            address = f"%s{k} = getelementptr {{R}}, ptr @mg_slots, i64 {where}"
            name = f"mg_slots[{where}]"
        elif kind == "own":
            address = f"%s{k} = call ptr @llvm.threadlocal.address.p0(ptr @own)"
            name = "own"
        else:
            where = self.rng.randrange(self.f.slots)
            address = f"%s{k} = getelementptr {{R}}, ptr %slot, i64 {where}"
            name = f"slot[{where}]"
        if self.rng.random() < 0.5:
            self.add(r, [], f"{address}\n{{d}} = load {{R}}, ptr %s{k}", f"{{d}} = {name};")
        elif self.rng.random() < 0.3 and kind != "own":
            self.add(None, [r], f"{address}\ncall void @fill(ptr %s{k}, {{R}} {{0}})", f"fill(&{name}, {{0}});")
        else:
            self.add(None, [r], f"{address}\nstore {{R}} {{0}}, ptr %s{k}", f"{name} = {{0}};")

    def copy(self) -> None:
        s, d = self.any("n"), self.any("n")
        what = self.rng.choice(["copy", "freeze", "null", "select", "same", "null", "static"])
        if what == "static":
            i = self.rng.randrange(STATICS)
            self.add(
                d, [],
                f"{{d}} = getelementptr i8, {{R}} addrspacecast (ptr getelementptr (i8, ptr @S{i}, i64 16) to {{R}}), i64 0",
                f"{{d}} = MG_STATIC({i});", model=f"{{d}} = call ptr @mg_static(i32 {i}, ptr @T0)",
            )
        elif what == "null":
            self.add(d, [], "{d} = freeze {R} null", "{d} = NULL;")
        elif what == "select":
            s2, k = self.any("n"), self.number()
            self.add(
                d, [s, s2],
                f"%p{k} = call i64 @pick()\n%q{k} = trunc i64 %p{k} to i1\n"
                f"{{d}} = select i1 %q{k}, {{R}} {{0}}, {{R}} {{1}}",
                "{d} = pick() & 1 ? {0} : {1};",
            )
        elif what == "same":
            self.add(d, [s], "{d} = call {R} @same({R} {0}, i64 0)", "{d} = same({0}, 0);")
        else:
            self.add(d, [s], "{d} = freeze {R} {0}" if what == "freeze" else "{d} = getelementptr i8, {R} {0}, i64 0", "{d} = {0};")

    def choose(self) -> None:
        """Two references change places, or stay: two selects by one condition."""
        a, b, c = (self.any("n") for _ in range(3))
        first = self.any("n", a, b, c)
        for d, yes, no in ((first, 2, 1), (self.any("n", first), 1, 2)):
            k = self.number()
            self.add(
                d, [a, b, c],
                f"%z{k} = icmp eq {{R}} {{0}}, {{1}}\n{{d}} = select i1 %z{k}, {{R}} {{{yes}}}, {{R}} {{{no}}}",
                f"{{d}} = {{0}} == {{1}} ? {{{yes}}} : {{{no}}};",
            )

    def data(self) -> None:
        r = self.any("n")
        after = self.is_set(r)
        what = self.rng.choice(["read", "write", "tag", "share", "data"])
        k = self.number()
        at = f"%d{k} = getelementptr i8, {{R}} {{0}}, i64 8\n"
        if what == "read":
            self.mix("%m{k} = load i64, {R} {0}", "{0}->birth", [r])
        elif what == "write":
            self.add(
                None, [r], f"{at}%p{k} = call i64 @pick()\nstore i64 %p{k}, {{R}} %d{k}", "{0}->data = (int64_t)pick();"
            )
        elif what == "tag":
            ir = f"%t{k} = call i8 @cairn.ref.tag({{R}} {{0}})\n%m{{k}} = zext i8 %t{k} to i64"
            self.mix(ir, "cairn_ref_tag({0})", [r])
        elif what == "share":
            self.add(None, [r], "call void @cairn.ref.share({R} {0})", "cairn_ref_share({0});")
        else:
            ir = f"{at}%m{{k}} = load i64, {{R}} %d{k}"
            self.mix(ir, "{0}->data", [r])
        self.end(after)

    def inside(self) -> None:
        """Pointers into objects: made, used to read, used to write."""
        i, k = self.any("i"), self.number()
        what = self.rng.randrange(3)
        if what == 0:
            r = self.any("n")
            after = self.is_set(r)
            self.add(i, [r], "{d} = getelementptr i8, {R} {0}, i64 8", "{d} = &{0}->data;")
        elif what == 1:
            after = self.is_set(i)
            self.mix("%m{k} = load i64, {R} {0}", "*{0}", [i])
        else:
            after = self.is_set(i)
            self.add(None, [i], f"%p{k} = call i64 @pick()\nstore i64 %p{k}, {{R}} {{0}}", "*{0} = (int64_t)pick();")
        self.end(after)

    def plain(self) -> None:
        """Conversions to plain pointers and back."""
        p, r = self.any("p"), self.any("n")
        what = self.rng.randrange(4)
        if what == 0:
            after = self.is_set(r)
            if self.rng.random() < 0.5:
                self.add(
                    p, [r], "{d} = call ptr @cairn.ref.borrow({R} {0})", "{d} = cairn_ref_borrow({0});",
                    model="{d} = freeze ptr {0}",
                )
            else:
                self.add(
                    p, [r], "{d} = addrspacecast {R} {0} to ptr", "{d} = (struct node *){0};",
                    model="{d} = freeze ptr {0}",
                )
        elif what == 1:
            after = self.is_set(p)
            self.mix("%m{k} = load i64, ptr {0}", "{0}->birth", [p])
        elif what == 2:
            after = self.is_set(p)
            self.add(
                r, [p], "{d} = call {R} @cairn.ref.retain(ptr {0})", "{d} = cairn_ref_retain({0});",
                model="{d} = freeze ptr {0}",
            )
        else:
            after = self.is_set(r)
            d, k = self.any("n"), self.number()
            self.add(
                d, [r],
                f"%p{k} = call ptr @cairn.ref.release({{R}} {{0}})\n{{d}} = call {{R}} @cairn.ref.adopt(ptr %p{k})",
                "{d} = cairn_ref_adopt(cairn_ref_release({0}));",
                model="{d} = freeze ptr {0}",
            )
        self.end(after)

    def struct(self) -> None:
        g = self.any("g")
        kind = "{{ {R}, i64, {R} }}"
        if self.rng.random() < 0.5:
            s, t, k = self.any("n"), self.any("n"), self.number()
            self.add(
                g, [s, t],
                f"%g{k} = insertvalue {kind} poison, {{R}} {{0}}, 0\n"
                f"%h{k} = insertvalue {kind} %g{k}, i64 {k}, 1\n"
                f"{{d}} = insertvalue {kind} %h{k}, {{R}} {{1}}, 2",
                f"{{d}} = (struct two){{{{{{0}}, {k}, {{1}}}}}};",
            )
        else:
            which = self.rng.randrange(2)
            self.add(
                self.any("n"), [g], f"{{d}} = extractvalue {kind} {{0}}, {which * 2}", f"{{d}} = {{0}}.{'ab'[which]};"
            )

    def vector(self) -> None:
        v, k = self.any("v"), self.number()
        kind = "<2 x {R}>"
        what = self.rng.randrange(4)
        if what == 0:
            self.add(
                v, [self.any("n"), self.any("n")],
                f"%e{k} = insertelement {kind} poison, {{R}} {{0}}, i32 0\n"
                f"{{d}} = insertelement {kind} %e{k}, {{R}} {{1}}, i32 1",
                "{d} = (struct pair){{{0}, {1}}};",
            )
        elif what == 1:
            self.add(
                v, [v], f"{{d}} = shufflevector {kind} {{0}}, {kind} poison, <2 x i32> <i32 1, i32 0>",
                "{d} = (struct pair){{{0}.r1, {0}.r0}};",
            )
        elif what == 2:
            s = self.any("n")
            after = self.is_set(s)
            self.add(
                v, [s], f"%f{k} = getelementptr i8, {{R}} {{0}}, i64 16\n{{d}} = load {kind}, {{R}} %f{k}, align 8",
                "{d} = {0}->refs;",
            )
            self.end(after)
        else:
            which = self.rng.randrange(2)
            self.add(self.any("n"), [v], f"{{d}} = extractelement {kind} {{0}}, i32 {which}", f"{{d}} = {{0}}.r{which};")

    def fields(self) -> None:
        """memcpy and memset of two fields."""
        s, d, k = self.any("n"), self.any("n"), self.number()
        if self.rng.random() < 0.3:
            after = self.is_set(d)
            self.add(
                None, [d],
                f"%f{k} = getelementptr i8, {{R}} {{0}}, i64 16\n"
                f"call void @mg.fill({{R}} %f{k}, i8 0, i64 16, i1 false)",
                "{0}->refs = (struct pair){{NULL, NULL}};",
            )
        else:
            after = self.guard(
                [s, d], "%c{k} = call i1 @both_older({R} {0}, {R} {1})", "both_older({0}, {1})"
            )
            self.add(
                None, [s, d],
                f"%f{k} = getelementptr i8, {{R}} {{0}}, i64 16\n%t{k} = getelementptr i8, {{R}} {{1}}, i64 16\n"
                f"call void @mg.copy({{R}} %t{k}, {{R}} %f{k}, i64 16, i1 false)",
                "{1}->refs = {0}->refs;",
            )
        self.end(after)

    def array(self) -> None:
        a, r, k = self.any("a"), self.any("n"), self.number()
        what = self.rng.randrange(4)
        if what == 0:
            n = self.rng.randrange(1, 20)
            self.add(
                a, [], f"{{d}} = call {{R}} @cairn.ref.alloc.array(ptr @cairn_type_ref, i64 {n})",
                f"{{d}} = cairn_ref_new_array(&cairn_type_ref, {n});",
            )
            return
        after = self.is_set(a)
        at = (
            f"%l{k} = call i64 @cairn.ref.length({{R}} {{0}})\n%p{k} = call i64 @pick()\n"
            f"%r{k} = urem i64 %p{k}, %l{k}\n%f{k} = getelementptr {{R}}, {{R}} {{0}}, i64 %r{k}\n"
        )
        c = "{0}[pick() % cairn_ref_length({0})]"
        if what == 1:
            self.add(r, [a], at + f"{{d}} = load {{R}}, {{R}} %f{k}", f"{{d}} = {c};")
        elif what == 2:
            self.add(None, [a, r], at + f"store {{R}} {{1}}, {{R}} %f{k}", f"{c} = {{1}};")
        else:  # the elements from some index on become the first ones
            move = (
                at + f"%n{k} = sub i64 %l{k}, %r{k}\n%z{k} = mul i64 %n{k}, 8\n"
                f"call void @mg.move({{R}} {{0}}, {{R}} %f{k}, i64 %z{k}, i1 false)"
            )
            self.add(
                None, [a], move,
                "{{ uint64_t l = cairn_ref_length({0}), from = pick() % l;"
                " for (uint64_t e = from; e < l; ++e) {0}[e - from] = {0}[e]; }}",
            )
        self.end(after)

    def check(self) -> None:
        self.add(None, [], "call void @mg_check()", "mg_check();", is_point=True)

    def call(self) -> None:
        callees = [f for f in self.program.functions if f.level < self.f.level]
        if self.rng.random() < 0.25:
            callees = [self.f, *self.f.peers]
        if not callees:
            return
        f = self.rng.choice(callees)
        args = [self.any(r[0]) for r, _ in f.parameters]
        target = self.any(f.result[0]) if f.result else None
        self.call_of(f, args, target, f.table is not None and self.rng.random() < 0.4)

    def call_of(self, f: Function, args: list[str], target: str | None, indirect: bool = False) -> None:
        k = self.number()
        ref = "{R}"
        forms = []
        for i, (r, owned) in enumerate(f.parameters):
            kind = {"g": "{{ {R}, i64, {R} }}", "v": "<2 x {R}>"}.get(r[0], ref)
            forms.append(f"{kind}{' ' + chr(34) + 'cairn-owned' + chr(34) if owned else ''} {{{i}}}")
        kinds = {"g": "{{ {R}, i64, {R} }}", "v": "<2 x {R}>"}
        result = kinds.get(f.result[0], ref) if f.result else "i64"
        list_ = ", ".join([*forms, f"i64 {k}"])
        names = ", ".join([*(f"{{{i}}}" for i in range(len(args))), str(k)])
        callee, c = f"@{f.name}", f.name
        ir = ""
        if indirect:
            ir = f"%t{k} = getelementptr ptr, ptr @table, i64 {f.table}\n%u{k} = load ptr, ptr %t{k}\n"
            callee, c = f"%u{k}", f"table[{f.table}]"
        if f.borrowed_result:
            result = f'"cairn-borrowed" {result}'
        name = "{d}" if target else f"%y{k}"
        lent = [a for a, (_, owned) in zip(args, f.parameters) if not owned]
        c = f"{{d}} = {c}({names});" if target else f"mix({c}({names}));"
        if self.program.exceptions and self.rng.random() < 0.4:
            before, normal = self.at, self.block()
            self.add_pad()
            normal.is_normal = True
            if ir:
                before.instructions.append(Instruction(None, [], ir.rstrip("\n"), ""))
            before.invoke = Instruction(
                target, args, f"{name} = invoke {result} {callee}({list_})", "", lent=lent
            )
            before.targets = [normal.name, self.pad.name]
            self.at = normal
            if not target:
                self.add(None, [], f"call void @mix(i64 %y{k})", "")
            return
        text = f"{ir}{name} = call {result} {callee}({list_})"
        if not target:
            text += f"\ncall void @mix(i64 %y{k})"
        self.add(target, args, text, c, is_point=True, lent=lent)

    def add_pad(self) -> None:
        """The function's landing pad, a new one now and then."""
        if self.pad and self.rng.random() < 0.6:
            return
        self.pad = self.block()
        self.pad.is_pad = True
        at, self.at = self.at, self.pad
        self.jump(self.rng.choice(self.mains))
        self.at = at

    def throw(self) -> None:
        if self.program.exceptions:
            self.add(None, [], "call void @mg_may_throw()", "", is_point=True)

    CHOICE = (
        [allocate] * 5 + [load] * 4 + [store] * 3 + [clear, slot, slot, slot, copy, copy, copy, choose, choose]
        + [data, data, inside, inside, plain, plain, struct, struct, vector, vector, fields, array, array]
        + [check, check, call, call, call, throw]
    )

    # ---- functions of a shape -------------------------------------------------

    def give(self, block: Block, r: str) -> None:
        block.uses, block.ir_end, block.c_end = [r], "ret {R} {0}", "return {0};"

    def go_on(self, r: str) -> tuple[Block, Block]:
        """Goes on where a reference is there and fuel is left; returns that block and the other."""
        self.at = self.block("first")
        there, going, out = self.block(), self.block(), self.block("out")
        self.mains = [out]
        self.branch([r], "%c{k} = icmp ne {R} {0}, null", "{0}", there, out)
        self.at = there
        self.branch([], "%c{k} = call i1 @spend(i64 1)", "spend(1)", going, out)
        self.at = going
        return going, out

    def write_maker(self) -> None:
        """n0, n1 -> n0: an object on each way, maybe at the end of a chain that is made anew."""
        t = self.program.types[0]
        if self.rng.random() < 0.5:
            _, out = self.go_on("n0")
            self.read("n2", "n0", 0)
            self.read("n3", "n0", 1)
            self.call_of(self.rng.choice([self.f, *self.f.peers]), ["n3", "n1"], "n4")
            self.make("n5", t, {0: "n2", 1: "n4"} if self.rng.random() < 0.8 else {1: "n4"})
            self.give(self.at, "n5")
            self.at = out
        else:
            self.at = self.block("first")
        self.make("n4", self.rng.choice(self.program.types) if self.rng.random() < 0.2 else t, {0: "n0", 1: "n1"})
        self.give(self.at, "n4")

    def write_walker(self, makers: list[Function]) -> None:
        """n0 -> n0: takes an object apart, recurs on what it held, and makes another or has one made.
        Its frames may hold the memory meanwhile, so that nobody counts objects there."""
        _, out = self.go_on("n0")
        self.give(out, "n0")
        self.read("n1", "n0", 0)
        self.read("n2", "n0", 1)
        walkers = [self.f, *self.f.peers]
        what = self.rng.randrange(4)
        if what == 0:
            return self.pass_on(walkers)
        if self.rng.random() < 0.8:
            self.call_of(self.rng.choice(walkers), ["n1"], "n3")
        else:
            self.add("n3", ["n1"], "{d} = freeze {R} {0}", "{d} = {0};")
        if self.rng.random() < 0.6:
            self.call_of(self.rng.choice(walkers), ["n2"], "n2")
        if what == 1 or not makers:
            self.make("n4", self.program.types[0], {0: "n3", 1: "n2"})
        else:
            self.call_of(self.rng.choice(makers), ["n3", "n2"], "n4")
        self.give(self.at, "n4")

    def pass_on(self, walkers: list[Function]) -> None:
        """A walker that makes nothing."""
        self.call_of(self.rng.choice(walkers), [self.rng.choice(["n1", "n2"])], "n3")
        self.give(self.at, "n3")

    # ---- the function ---------------------------------------------------------

    def write(self, mains: int, size: int) -> None:
        """Blocks that go to any of each other, and end when the fuel is spent."""
        self.mains = [self.block(f"main{i}") for i in range(mains)]
        exit_ = self.block("leave")
        for b in self.mains:
            self.at = b
            going, count = self.block(), self.rng.randrange(1, size)
            self.branch([], f"%c{{k}} = call i1 @spend(i64 {count})", f"spend({count})", going, exit_)
            self.at = going
            # A plain pointer that comes around a loop, from one of several objects, is refused.
            for r in self.registers["p"]:
                self.add(r, [], "{d} = freeze ptr null", "{d} = NULL;")
            if b is self.mains[0]:
                for _ in range(3):
                    self.allocate()
                self.check()
            for _ in range(count):
                self.statement()
            self.leave(exit_)
        self.at = exit_
        kinds = {"g": "{{ {R}, i64, {R} }}", "v": "<2 x {R}>"}
        if self.f.result:
            kind = kinds.get(self.f.result[0], "{R}")
            exit_.uses, exit_.ir_end, exit_.c_end = [self.f.result], f"ret {kind} {{0}}", "return {0};"
        else:
            exit_.ir_end, exit_.c_end = "ret i64 %x", "return x;"

    def leave(self, exit_: Block) -> None:
        """Goes on in some main blocks, or in one of two by what a reference is."""
        others = self.rng.sample(self.mains, min(len(self.mains), self.rng.randrange(1, 5)))
        if self.rng.random() < 0.3 and len(others) > 1:
            others.append(exit_)
        if len(others) == 1:
            self.jump(others[0])
        elif len(others) == 2:
            r = self.any("n")
            if self.rng.random() < 0.5:
                self.branch([r], "%c{k} = icmp eq {R} {0}, null", "!{0}", *others)
            else:
                s = self.any("n")
                self.branch([r, s], "%c{k} = icmp eq {R} {0}, {1}", "{0} == {1}", *others)
        else:
            k = self.number()
            cases = "\n".join(f"  i64 {i}, label %{b.name}" for i, b in enumerate(others[1:]))
            self.at.ir_end = (
                f"%p{k} = call i64 @pick()\n%q{k} = urem i64 %p{k}, {len(others)}\n"
                f"switch i64 %q{k}, label %{others[0].name} [\n{cases}\n]"
            )
            gotos = " ".join(f"case {i}: goto {b.name};" for i, b in enumerate(others[1:]))
            self.at.c_end = f"switch (pick() % {len(others)}) {{{{ {gotos} default: goto {others[0].name}; }}}}"
            self.at.targets = [b.name for b in others]
