# ===- function.py - A function over registers, as C and as IR ----------------=== #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""A function is blocks of instructions over registers that may be assigned any number of times.

Written as C, a register is a variable and a block is a label. Written as IR, registers become
SSA values, with a phi for each register that is live into a block with several predecessors.

Both are written in two forms. The managed one is the program that is tested. The model is the
same program over plain pointers and a heap that collects garbage (support.c): around each call
it says which registers are live, as nothing else keeps an object there.
"""

from __future__ import annotations

import dataclasses

REF = "ptr addrspace(77)"
# A register's kind is its name's first letter: node, array, interior pointer, plain pointer,
# struct with two references and an integer, vector of two references.
IR_TYPES = {
    "n": "{R}",
    "a": "{R}",
    "i": "{R}",
    "p": "ptr",
    "g": "{{ {R}, i64, {R} }}",
    "v": "<2 x {R}>",
}
C_TYPES = {
    "n": "node",
    "a": "array",
    "i": "inside",
    "p": "struct node *",
    "g": "struct two",
    "v": "struct pair",
}
C_ZEROS = {"g": "{NULL, 0, NULL}", "v": "{NULL, NULL}"}


def ir_type(register: str, ref: str) -> str:
    return IR_TYPES[register[0]].format(R=ref)


def ir_zero(register: str) -> str:
    return "zeroinitializer" if register[0] in "gv" else "null"


@dataclasses.dataclass
class Instruction:
    """`ir` and `c` are formats: {0}, {1}... are the registers in `uses`, {d} the one in
    `target`, {R} the type of references. A model may have words of its own for the IR."""

    target: str | None
    uses: list[str]
    ir: str
    c: str
    model: str | None = None
    # At a call the model is told what lives: what is live afterwards, and these.
    is_point: bool = False
    lent: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Block:
    name: str
    instructions: list[Instruction] = dataclasses.field(default_factory=list)
    # The end: a condition over registers and two targets, one target, several (a switch over
    # the number %k / k), or none (a return).
    uses: list[str] = dataclasses.field(default_factory=list)
    ir_end: str = ""
    c_end: str = ""
    targets: list[str] = dataclasses.field(default_factory=list)
    # The last instruction is an invoke: `targets` are its normal and its unwind destination.
    invoke: Instruction | None = None
    is_pad: bool = False
    is_normal: bool = False  # begins after an invoke
    live_in: set[str] = dataclasses.field(default_factory=set)


@dataclasses.dataclass
class Function:
    name: str
    parameters: list[tuple[str, bool]]  # a register, and whether it is owned
    result: str | None  # a register; None: a number
    borrowed_result: bool = False
    exported: bool = False
    inline: bool = True
    slots: int = 0
    blocks: list[Block] = dataclasses.field(default_factory=list)
    throws: bool = False  # exceptions get through: it has a personality
    peers: list[Function] = dataclasses.field(default_factory=list)  # they call each other

    def registers(self) -> list[str]:
        found = dict.fromkeys(r for r, _ in self.parameters)
        for b in self.blocks:
            for i in b.instructions + ([b.invoke] if b.invoke else []):
                for r in i.uses + ([i.target] if i.target else []):
                    found[r] = None
            for r in b.uses:
                found[r] = None
        return list(found)

    # ---- what is live -----------------------------------------------------------

    def predecessors(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {b.name: [] for b in self.blocks}
        for b in self.blocks:
            for t in dict.fromkeys(b.targets):
                found[t].append(b.name)
        return found

    def before_end(self, block: Block, live_in: dict[str, set[str]]) -> set[str]:
        if block.invoke:
            normal, unwind = block.targets
            return (live_in[normal] - {block.invoke.target}) | live_in[unwind] | set(block.invoke.uses)
        live = set(block.uses)
        for t in block.targets:
            live |= live_in[t]
        return live

    def solve(self) -> None:
        """Liveness of registers, by blocks."""
        live_in: dict[str, set[str]] = {b.name: set() for b in self.blocks}
        changed = True
        while changed:
            changed = False
            for b in reversed(self.blocks):
                live = self.before_end(b, live_in)
                for i in reversed(b.instructions):
                    live = (live - {i.target}) | set(i.uses)
                if live != live_in[b.name]:
                    live_in[b.name] = live
                    changed = True
        for b in self.blocks:
            b.live_in = live_in[b.name]

    def after(self, block: Block) -> list[set[str]]:
        """What is live after each instruction."""
        live = self.before_end(block, {b.name: b.live_in for b in self.blocks})
        found = []
        for i in reversed(block.instructions):
            found.append(live)
            live = (live - {i.target}) | set(i.uses)
        return found[::-1]

    def order(self) -> list[Block]:
        """Reachable blocks; each one with a single predecessor comes after it."""
        by_name = {b.name: b for b in self.blocks}
        seen, done = set(), []
        stack = [(self.blocks[0], iter(self.blocks[0].targets))]
        seen.add(self.blocks[0].name)
        while stack:
            block, rest = stack[-1]
            for t in rest:
                if t not in seen:
                    seen.add(t)
                    stack.append((by_name[t], iter(by_name[t].targets)))
                    break
            else:
                done.append(block)
                stack.pop()
        return done[::-1]

    # ---- C ----------------------------------------------------------------------

    def c_signature(self) -> str:
        marks = [str(i + 1) for i, (_, owned) in enumerate(self.parameters) if owned]
        text = f"cairn_owned({', '.join(marks)}) " if marks else ""
        if self.borrowed_result:
            text += "cairn_borrowed(0) "
        if not self.inline:
            text += "__attribute__((noinline)) "
        if not self.exported:
            text += "static "
        result = C_TYPES[self.result[0]] if self.result else "int64_t"
        named = [f"{C_TYPES[r[0]]} {r}" for r, _ in self.parameters]
        return f"{text}{result} {self.name}({', '.join([*named, 'int64_t x'])})"

    def c(self) -> str:
        self.solve()
        lines = [self.c_signature() + " {", "  int64_t k = x;", "  (void)k;"]
        given = {r for r, _ in self.parameters}
        for r in self.registers():
            if r not in given:
                lines.append(f"  {C_TYPES[r[0]]} {r} = {C_ZEROS.get(r[0], 'NULL')};")
            lines.append(f"  (void){r};")
        if self.slots:
            lines.append(f"  node slot[{self.slots}] = {{NULL}};")
        for b in self.order():
            lines.append(f"{b.name}:;")
            for i, live in zip(b.instructions, self.after(b)):
                text = i.c.format(*i.uses, d=i.target)
                if i.is_point:
                    roots = self.c_roots((live - {i.target}) | set(i.lent))
                    text = f"MG_PUSH({roots}); {text} MG_POP();"
                lines.append("  " + text)
            lines.append("  " + b.c_end.format(*b.uses))
        return "\n".join([*lines, "}", ""])

    def c_roots(self, live: set[str]) -> str:
        roots = []
        for r in sorted(live):
            if r[0] == "g":
                roots += [f"{r}.a", f"{r}.b"]
            elif r[0] == "v":
                roots += [f"{r}.r0", f"{r}.r1"]
            else:
                roots.append(r)
        roots += [f"slot[{i}]" for i in range(self.slots)]
        return ", ".join([str(len(roots)), *roots])

    # ---- IR ---------------------------------------------------------------------

    def ir(self, ref: str) -> str:
        """`ref` is REF, or ptr for the model."""
        self.solve()
        return IRText(self, ref).text()


class IRText:
    def __init__(self, function: Function, ref: str) -> None:
        self.f = function
        self.ref = ref
        self.is_model = ref != REF
        self.names = 0
        self.lines: list[str] = []

    def fresh(self) -> str:
        self.names += 1
        return f"%v{self.names}"

    def signature(self) -> str:
        f = self.f
        parts = []
        for r, owned in f.parameters:
            parts.append(ir_type(r, self.ref) + (' "cairn-owned"' if owned else "") + f" %{r}")
        parts.append("i64 %x")
        result = ir_type(f.result, self.ref) if f.result else "i64"
        lent = '"cairn-borrowed" ' if f.borrowed_result else ""
        text = f"define {'' if f.exported else 'internal '}{lent}{result} @{f.name}({', '.join(parts)})"
        text += "" if f.inline else " noinline"
        return text + (" personality ptr @__gxx_personality_v0" if f.throws else "")

    def text(self) -> str:
        f = self.f
        order = f.order()
        predecessors = f.predecessors()
        reached = {b.name for b in order}
        # At the end of a block, on the edge to each of its targets, by register.
        ends: dict[tuple[str, str], dict[str, str]] = {}
        waiting: list[tuple[int, Block, dict[str, str]]] = []
        self.lines = [self.signature() + " {", "start:"]
        if f.slots:
            self.lines.append(f"  %slot = alloca [{f.slots} x {self.ref}]")
        if self.is_model:
            self.lines.append("  %depth = call i32 @mg_depth()")
            for i in range(f.slots):
                self.lines.append(f"  %slot{i} = getelementptr {self.ref}, ptr %slot, i64 {i}")
                self.lines.append(f"  store {self.ref} null, ptr %slot{i}")
        elif f.slots:
            self.lines.append(f"  store [{f.slots} x {self.ref}] zeroinitializer, ptr %slot")
        self.lines.append(f"  br label %{order[0].name}")
        first = {r: f"%{r}" for r, _ in f.parameters}
        for r in f.registers():
            first.setdefault(r, ir_zero(r))
        ends["start", order[0].name] = first
        for b in order:
            self.lines.append(f"{b.name}:")
            before = [p for p in predecessors[b.name] if p in reached]
            if b is order[0]:
                before = ["start", *before]
            if len(before) == 1:
                now = dict(ends[before[0], b.name])
            else:
                now = {r: self.fresh() for r in sorted(b.live_in)}
                waiting.append((len(self.lines), b, dict(now)))
                self.lines.append(before)  # the phis, once all ends are known
            self.block(b, now, ends)
        for at, b, now in reversed(waiting):
            before = self.lines[at]
            phis = []
            for r in sorted(now):
                edges = ", ".join(f"[ {ends[p, b.name].get(r, ir_zero(r))}, %{p} ]" for p in before)
                phis.append(f"  {now[r]} = phi {ir_type(r, self.ref)} {edges}")
            self.lines[at : at + 1] = phis
        return "\n".join([*self.lines, "}", ""])

    def block(self, b: Block, now: dict[str, str], ends: dict) -> None:
        if b.is_pad:
            self.lines.append("  " + f"%pad.{b.name} = landingpad {{ ptr, i32 }} catch ptr null")
            self.lines.append(f"  %thrown.{b.name} = extractvalue {{ ptr, i32 }} %pad.{b.name}, 0")
            self.lines.append(f"  call ptr @__cxa_begin_catch(ptr %thrown.{b.name})")
            self.lines.append("  call void @__cxa_end_catch()")
            if self.is_model:
                self.lines.append("  call void @mg_restore(i32 %depth)")
        if b.is_normal and self.is_model:
            self.lines.append("  call void @mg_pop()")
        for i, live in zip(b.instructions, self.f.after(b)):
            self.instruction(i, live, now)
        if b.invoke:
            i = b.invoke
            normal, unwind = b.targets
            before = dict(now)
            self.push(set(i.lent) | self.live_into(b.targets, i.target), now)
            text = self.format(i, now)
            self.lines.append(f"  {text} to label %{normal} unwind label %{unwind}")
            ends[b.name, normal] = now
            ends[b.name, unwind] = before
            return
        text = b.ir_end.format(*[now[r] for r in b.uses], R=self.ref)
        self.lines += ["  " + line for line in text.split("\n")]
        for t in b.targets:
            ends[b.name, t] = now

    def live_into(self, targets: list[str], but: str | None) -> set[str]:
        by_name = {b.name: b for b in self.f.blocks}
        normal, unwind = targets
        return (by_name[normal].live_in - {but}) | by_name[unwind].live_in

    def instruction(self, i: Instruction, live: set[str], now: dict[str, str]) -> None:
        if i.is_point:
            self.push((live - {i.target}) | set(i.lent), now)
        text = self.format(i, now)
        self.lines += ["  " + line for line in text.split("\n")]
        if i.is_point and self.is_model:
            self.lines.append("  call void @mg_pop()")

    def format(self, i: Instruction, now: dict[str, str]) -> str:
        used = [now[r] for r in i.uses]
        if i.target:
            now[i.target] = self.fresh()
        form = i.model if self.is_model and i.model is not None else i.ir
        return form.format(*used, d=now.get(i.target, ""), R=self.ref)

    def push(self, live: set[str], now: dict[str, str]) -> None:
        """Tells the model what lives at the call that follows."""
        if not self.is_model:
            return
        roots = []
        for r in sorted(live):
            if r[0] in "gv":
                take = "extractvalue {} {}, {}" if r[0] == "g" else "extractelement {} {}, i32 {}"
                for index in (0, 2) if r[0] == "g" else (0, 1):
                    name = self.fresh()
                    text = take.format(ir_type(r, self.ref), now[r], index)
                    self.lines.append(f"  {name} = {text}")
                    roots.append(name)
            else:
                roots.append(now[r])
        for s in range(self.f.slots):
            name = self.fresh()
            self.lines.append(f"  {name} = load ptr, ptr %slot{s}")
            roots.append(name)
        list_ = "".join(f", ptr {r}" for r in roots)
        self.lines.append(f"  call void (i32, ...) @mg_push(i32 {len(roots)}{list_})")
