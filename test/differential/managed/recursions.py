# ===- recursions.py - Random functions that take a tree apart -----------------=== #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""Writes functions that call themselves, or each other, on the fields of what they get, and make
objects of the results: a list that is copied, a tree that gets another node, one that is turned round.

Such functions are what cairn-cells and the passes behind it are about; in those of statements.py,
which go on in any of their blocks, few objects die where another is made.

What a function makes has the birth of what it took apart, or a new one: a reference goes only into
an object that is younger than what it refers to, here as well.
"""

from __future__ import annotations

from function import Block
from statements import Writer

RESULT = "n5"


class Recursion(Writer):
    def returns(self, r: str, exit_: Block) -> None:
        """Ends the block with `r` as the result."""
        if r != RESULT:
            self.add(RESULT, [r], "{d} = freeze {R} {0}", "{d} = {0};")
        self.jump(exit_)

    def field(self, target: str, of: str, f: int) -> None:
        k = self.number()
        self.add(
            target, [of], f"%f{k} = getelementptr i8, {{R}} {{0}}, i64 {16 + 8 * f}\n{{d}} = load {{R}}, {{R}} %f{k}",
            f"{{d}} = {{0}}->refs.r{f};",
        )

    def make(self, target: str, of: str | None, fields: list[str]) -> None:
        """An object with these references, and the numbers of `of`, or a new birth."""
        t = self.rng.choice([t for t in self.program.types if not t.final or self.rng.random() < 0.2])
        k, uses = self.number(), [of] if of else []
        ir, c = f"call {{R}} @cairn.ref.alloc(ptr @{t.name})", f"cairn_ref_new(&{t.name})"
        if t.is_numbered or self.rng.random() < 0.6:
            ir = f"call {{R}} @cairn.ref.alloc.tagged(ptr @{t.name}, i8 {t.index + 1})"
            c = f"cairn_ref_new_tagged(&{t.name}, {t.index + 1})"
        if of:
            ir = f"{{d}} = {ir}\n%b{k} = load i64, {{R}} {{0}}\n"
            c = f"node m = {c}; m->birth = {{0}}->birth;"
        else:
            ir = f"{{d}} = {ir}\n%b{k} = call i64 @next_birth()\n"
            c = f"node m = {c}; m->birth = next_birth();"
        ir += (
            f"store i64 %b{k}, {{R}} {{d}}\n%w{k} = getelementptr i8, {{R}} {{d}}, i64 8\n"
            f"%x{k} = add i64 %b{k}, {k}\nstore i64 %x{k}, {{R}} %w{k}"
        )
        c += f" m->data = m->birth + {k};"
        for field, r in enumerate(fields):
            at = self.number()
            ir += (
                f"\n%f{at} = getelementptr i8, {{R}} {{d}}, i64 {16 + 8 * field}"
                f"\nstore {{R}} {{{len(uses)}}}, {{R}} %f{at}"
            )
            c += f" m->refs.r{field} = {{{len(uses)}}};"
            uses.append(r)
        self.add(target, uses, ir, f"{{{{ {c} {{d}} = m; }}}}")

    def recur(self, target: str, first: str) -> None:
        callee = self.rng.choice([self.f, *self.f.peers])
        rest = [self.rng.choice([self.any("n"), first]) for _ in callee.parameters[1:]]
        self.call_of(callee, [first, *rest], target, indirect=False)

    def recur_or_not(self, target: str, first: str) -> None:
        """On one of two ways that meet again."""
        yes, no = self.is_picked(2)
        after = self.block()
        self.at = yes
        self.recur(target, first)
        self.jump(after)
        self.at = no
        self.add(target, [first], "{d} = freeze {R} {0}", "{d} = {0};")
        self.end(after)

    def is_picked(self, of: int) -> tuple[Block, Block]:
        k, yes, no = self.number(), self.block(), self.block()
        self.branch(
            [], f"%p{k} = call i64 @pick()\n%q{k} = urem i64 %p{k}, {of}\n%c{{k}} = icmp eq i64 %q{k}, 0",
            f"pick() % {of} == 0", yes, no,
        )  # fmt: skip
        return yes, no

    def leaf(self, exit_: Block) -> None:
        """What is returned without a recursion."""
        what = self.rng.randrange(4)
        if what == 0:
            self.field("n1", "n0", self.rng.randrange(2))
            self.returns("n1", exit_)
        elif what == 1:
            self.make("n4", "n0", [])
            self.returns("n4", exit_)
        else:
            self.returns("n0", exit_)

    def arm(self, exit_: Block) -> None:
        """Goes down in one or both fields, and makes an object of what comes back."""
        both, early = self.rng.random() < 0.4, self.rng.random() < 0.6
        down = self.rng.randrange(2)
        children = ["n1", "n2"]
        self.field(children[down], "n0", down)
        if early or both:
            self.field(children[1 - down], "n0", 1 - down)
        if self.rng.random() < 0.3:
            self.mix("%m{k} = load i64, {R} {0}", "{0}->birth", ["n0"])
        (self.recur if self.rng.random() < 0.8 else self.recur_or_not)("n3", children[down])
        other = children[1 - down]
        if both:
            self.recur("n4", other)
            other = "n4"
        elif not early:
            self.field(other, "n0", 1 - down)
        if self.rng.random() < 0.15:  # in place
            after = self.guard(["n3", "n0"], "%c{k} = call i1 @older({R} {0}, {R} {1})", "older({0}, {1})")
            k = self.number()
            self.add(
                None, ["n3", "n0"],
                f"%f{k} = getelementptr i8, {{R}} {{1}}, i64 {16 + 8 * down}\nstore {{R}} {{0}}, {{R}} %f{k}",
                f"{{1}}->refs.r{down} = {{0}};",
            )  # fmt: skip
            self.end(after)
            self.returns("n0", exit_)
            return
        fields = ["n3", other] if down == 0 or self.rng.random() < 0.3 else [other, "n3"]
        if self.rng.random() < 0.2:
            fields = fields[:1]
        birth = None if self.fresh else "n0"
        self.make("n4", birth, fields)
        for _ in range(self.rng.choice([0, 0, 0, 1, 2])):  # in others, the last of which is returned
            self.make("n4", birth, ["n4"])
        self.returns("n4", exit_)

    def leave_out(self, exit_: Block) -> None:
        """Goes down in a field, and makes nothing."""
        self.field("n1", "n0", self.rng.randrange(2))
        self.recur("n3", "n1")
        self.returns("n3", exit_)

    def build(self, exit_: Block) -> None:
        """A chain in front of what it gets."""
        self.make("n1", None, self.rng.choice([["n0"], ["n0", "n0"]]))
        self.recur("n3", "n1")
        self.returns("n3", exit_)

    def write_recursion(self, fresh: bool) -> None:
        """What is returned is no younger than n0 unless all that is made gets a new birth."""
        self.fresh = fresh
        self.mains = [self.block("main0")]
        exit_, going = self.block("leave"), self.block()
        self.at = self.mains[0]
        given = self.rng.choice([r for r, _ in self.f.parameters])
        self.add(RESULT, [given], "{d} = freeze {R} {0}", "{d} = {0};")
        self.branch([], "%c{k} = call i1 @spend(i64 4)", "spend(4)", going, exit_)
        self.at = going
        if self.fresh and self.rng.random() < 0.3:
            yes, no = self.is_picked(6)
            self.at = yes
            self.returns("n0", exit_)
            self.at = no
            self.build(exit_)
        else:
            some = self.block()
            self.branch(["n0"], "%c{k} = icmp eq {R} {0}, null", "!{0}", exit_, some)
            self.at = some
            if self.rng.random() < 0.5:
                k, yes, no = self.number(), self.block(), self.block()
                tag = self.rng.randrange(len(self.program.types) + 1)
                self.branch(
                    ["n0"], f"%t{k} = call i8 @cairn.ref.tag({{R}} {{0}})\n%c{{k}} = icmp eq i8 %t{k}, {tag}",
                    f"cairn_ref_tag({{0}}) == {tag}", yes, no,
                )  # fmt: skip
                self.at = no
                self.leaf(exit_)
                self.at = yes
            for _ in range(self.rng.choice([0, 0, 1, 2])):
                yes, no = self.is_picked(2)
                self.at = yes
                self.rng.choice([self.arm, self.arm, self.arm, self.arm, self.leaf, self.leave_out])(exit_)
                self.at = no
            self.arm(exit_)
        self.at = exit_
        exit_.uses, exit_.ir_end, exit_.c_end = [RESULT], "ret {R} {0}", "return {0};"
