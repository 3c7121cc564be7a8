# ===- program.py - A random program on managed references ---------------------=== #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""Makes a program from a seed: types, some functions that call each other, and one that is
called round by round (support.c)."""

from __future__ import annotations

import dataclasses
import random

from function import REF, Function
from recursions import Recursion
from statements import SLOTS, STATICS, Writer


@dataclasses.dataclass
class Type:
    index: int
    refs: int
    more: int  # words after the references
    final: bool

    @property
    def name(self) -> str:
        return f"T{self.index}"

    @property
    def is_numbered(self) -> bool:
        """Whether its header word does not describe it."""
        return self.final or 16 + 8 * (self.refs - 1) >= 128

    def field(self, i: int) -> str:
        return f"refs.r{i}" if i < 2 else f"r{i}"

    def c(self) -> str:
        fields = [f"  node r{i};" for i in range(2, self.refs)]
        if self.more:
            fields.append(f"  int64_t more[{self.more}];")
        names = ", ".join(self.field(i) for i in range(self.refs))
        macro, final = ("CAIRN_TYPE_FINAL", "mg_final, ") if self.final else ("CAIRN_TYPE", "")
        return "\n".join([
            f"struct {self.name} {{", "  int64_t birth, data;", "  struct pair refs;", *fields, "};",
            f"{macro}({self.name}, struct {self.name}, {final}{names});", "",
        ])  # fmt: skip

    def ir(self) -> str:
        offsets = [16 + 8 * i for i in range(self.refs)]
        list_ = ", ".join(f"i32 {o}" for o in offsets)
        meta = 0 if self.is_numbered else 0x80000000 | sum(1 << o // 8 for o in offsets)
        final = "@mg_final" if self.final else "null"
        return (
            f"@offsets{self.index} = internal constant [{self.refs} x i32] [{list_}]\n"
            f"@{self.name} = internal global %cairn_type {{ i32 {16 + 8 * (self.refs + self.more)}, i16 8, "
            f"i16 {self.refs}, i32 {meta}, i32 0, ptr @offsets{self.index}, ptr {final}, ptr null }}\n"
        )


def function(name: str, parameters: list[tuple[str, bool]], result: str | None, level: int) -> Function:
    f = Function(name, parameters, result)
    f.level, f.table = level, None
    return f


class Program:
    def __init__(self, seed: int, exceptions: bool, recursions: bool = False) -> None:
        """With `recursions`, it has functions that take trees apart as well."""
        rng = random.Random(seed)
        self.seed, self.exceptions = seed, exceptions
        self.types = []
        for i in range(rng.randrange(3, 6)):
            refs = rng.choice([2, 2, 3, 4, 6, 15]) if i else 2
            self.types.append(Type(i, refs, rng.choice([0, 0, 1, 3]) if i else 0, i > 0 and rng.random() < 0.5))
        peek = function("peek", [("n0", False)], "n0", -1)
        peek.borrowed_result = True
        self.functions = [peek]
        self.table: list[str] = ["same"]
        if rng.random() < 0.5:
            self.make_walkers(rng)
        for level in range(rng.randrange(3, 7)):
            self.make(rng, level)
        for i in range(rng.randrange(2, 5) if recursions else 0):
            self.make_recursions(rng, i)
        top = function("mg_round", [], None, 100)
        top.exported, top.inline = True, False
        self.write(rng, top)

    def make(self, rng: random.Random, level: int) -> None:
        shape = rng.choice([("nn", "n"), ("nn", "n"), ("n", "n"), ("gn", "g"), ("an", "a"), ("nv", "v"), ("nn", None)])
        counts: dict[str, int] = {}
        parameters = []
        for kind in shape[0]:
            counts[kind] = counts.get(kind, -1) + 1
            # C marks references only, not structures with references.
            parameters.append((f"{kind}{counts[kind]}", kind in "na" and rng.random() < 0.3))
        f = function(f"f{level}", parameters, shape[1] and shape[1] + "0", level)
        if shape == ("n", "n") and rng.random() < 0.7:
            f.parameters = [("n0", False)]
            f.table = len(self.table)
            self.table.append(f.name)
        f.exported, f.inline = rng.random() < 0.5, rng.random() < 0.5
        self.write(rng, f)

    def make_walkers(self, rng: random.Random) -> None:
        """Functions that call each other, and what they have objects made by."""
        makers = self.family(rng, "make", [("n0", rng.random() < 0.5), ("n1", rng.random() < 0.5)])
        for f in makers:
            Writer(rng, self, f).write_maker()
        walkers = self.family(rng, "walk", [("n0", rng.random() < 0.3)])
        for f in walkers:
            Writer(rng, self, f).write_walker(makers)
        self.functions += makers + walkers

    def family(self, rng: random.Random, name: str, parameters: list[tuple[str, bool]]) -> list[Function]:
        family = [function(f"{name}{i}", parameters, "n0", -1) for i in range(rng.randrange(1, 3))]
        for f in family:
            f.exported, f.inline = rng.random() < 0.1, rng.random() < 0.5
            f.throws = self.exceptions
            f.peers = [other for other in family if other is not f]
        return family

    def make_recursions(self, rng: random.Random, i: int) -> None:
        """One function, or some that call each other."""
        family = []
        for part in range(rng.choice([1, 1, 2, 3])):
            parameters = [(f"n{p}", rng.random() < 0.3) for p in range(rng.choice([1, 1, 2]))]
            f = function(f"r{i}_{part}", parameters, "n5", 50 + i)
            f.exported, f.inline = rng.random() < 0.3, rng.random() < 0.3
            f.throws = self.exceptions
            family.append(f)
        fresh = any(len(f.parameters) > 1 for f in family) or rng.random() < 0.3
        for f in family:
            f.peers = [other for other in family if other is not f]
            Recursion(rng, self, f).write_recursion(fresh)
        self.functions += family

    @property
    def by_value(self) -> bool:
        """Whether structures are passed by value. In C they may be slots then, which live longer."""
        return any(r[0] in "gv" for f in self.functions for r, _ in f.parameters)

    def write(self, rng: random.Random, f: Function) -> None:
        f.throws = self.exceptions
        f.slots = rng.choice([0, 0, 1, 3])
        Writer(rng, self, f).write(rng.randrange(2, 7), 8)
        self.functions.append(f)

    def c(self) -> str:
        """With -DMODEL, the model."""
        bodies = [f for f in self.functions if f.blocks]
        return "\n".join([
            f"// seed {self.seed}", C_PRELUDE, *(t.c() for t in self.types),
            C_STATICS, f"const cairn_type *const mg_types[] = {{{', '.join(f'&{t.name}' for t in self.types)}}};", C_HELPERS,
            *(f.c_signature() + ";" for f in bodies),
            f"static node (*const table[])(node, int64_t) = {{{', '.join(self.table)}}};\n",
            *(f.c() for f in bodies),
        ])  # fmt: skip

    def ir(self, model: bool) -> str:
        ref = "ptr" if model else REF
        table = ", ".join(f"ptr @{name}" for name in self.table)
        text = "\n".join([
            f"; seed {self.seed}", IR_PRELUDE, *(t.ir() for t in self.types),
            f"@mg_types = constant [{len(self.types)} x ptr] [{', '.join(f'ptr @{t.name}' for t in self.types)}]",
            f"@table = internal constant [{len(self.table)} x ptr] [{table}]",
            IR_MODEL if model else ir_statics() + IR_MANAGED, IR_HELPERS,
        ]).replace("REF", ref)  # fmt: skip
        for name, intrinsic in (("fill", "memset.S.i64"), ("copy", "memcpy.S.S.i64"), ("move", "memmove.S.S.i64")):
            text = text.replace(f"@mg.{name}(", f"@llvm.{intrinsic}(".replace("S", "p0" if model else "p77"))
        bodies = "\n".join(f.ir(ref) for f in self.functions if f.blocks)
        for name, intrinsic in (("fill", "memset.S.i64"), ("copy", "memcpy.S.S.i64"), ("move", "memmove.S.S.i64")):
            bodies = bodies.replace(f"@mg.{name}(", f"@llvm.{intrinsic}(".replace("S", "p0" if model else "p77"))
        return text + bodies


C_PRELUDE = """#include "support.h"

typedef struct node cairn_managed *node;
typedef node cairn_managed *array;
typedef int64_t cairn_managed *inside;
struct pair {
  node r0, r1;
};
struct two {
  node a;
  int64_t n;
  node b;
};
struct node {
  int64_t birth, data;
  struct pair refs;
};
"""

C_STATICS = "\n".join([
    "#ifdef MODEL", "#define MG_STATIC(i) mg_static(i, &T0)", "void *const mg_statics[] = {NULL};", "#else",
    *(f"static CAIRN_STATIC_OBJECT(S{i}, T0, 1, {{0, 77, {{NULL, NULL}}}});" for i in range(STATICS)),
    "#define MG_STATIC(i) ((node)CAIRN_STATIC_REF(S##i))",
    f"void *const mg_statics[] = {{{', '.join(f'CAIRN_STATIC(S{i})' for i in range(STATICS))}, NULL}};", "#endif", "",
])  # fmt: skip

C_HELPERS = f"""node mg_slots[{SLOTS}];
static _Thread_local node own;

static void mix(int64_t v) {{
  mg_acc = (mg_acc ^ (uint64_t)v) * 0x9e3779b97f4a7c15u;
  mg_acc ^= mg_acc >> 29;
}}
static uint64_t pick(void) {{
  mg_state = mg_state * 6364136223846793005u + 1442695040888963407u;
  return mg_state >> 33;
}}
static int64_t next_birth(void) {{ return ++mg_births; }}
static bool spend(int64_t statements) {{
  mg_operations += statements;
  return mg_fuel-- > 0;
}}
static bool older(node child, node parent) {{
  return parent && (!child || child->birth < parent->birth);
}}
static bool both_older(node from, node to) {{ return from && to && from->birth < to->birth; }}
static node same(node n, int64_t x) {{ return (void)x, n; }}
cairn_borrowed(0) __attribute__((noinline)) static node peek(node n, int64_t x) {{
  return x % 3 && n ? n->refs.r0 : n;
}}
__attribute__((noinline)) static void fill(node *slot, node n) {{ *slot = n; }}
void mg_clear(void) {{
  for (int i = 0; i < {SLOTS}; ++i)
    mg_slots[i] = NULL;
  own = NULL;
}}
void mg_start(void) {{
  mg_roots((void **)mg_slots, {SLOTS});
  mg_roots((void **)&own, 1);
}}
"""

IR_PRELUDE = f"""target triple = "x86_64-pc-linux-gnu"

%cairn_type = type {{ i32, i16, i16, i32, i32, ptr, ptr, ptr }}
@cairn_type_ref = external global %cairn_type
@mg_slots = global [{SLOTS} x REF] zeroinitializer
@own = internal thread_local global REF null
@mg_acc = external global i64
@mg_state = external global i64
@mg_births = external global i64
@mg_fuel = external global i64
@mg_operations = external global i64
declare void @mg_final(ptr)
declare void @mg_check()
declare void @mg_may_throw()
declare void @mg_roots(ptr, i32)
declare i32 @__gxx_personality_v0(...)
declare ptr @__cxa_begin_catch(ptr)
declare void @__cxa_end_catch()
declare ptr @llvm.threadlocal.address.p0(ptr)
declare void @mg.fill(REF, i8, i64, i1)
declare void @mg.copy(REF, REF, i64, i1)
declare void @mg.move(REF, REF, i64, i1)
"""

def ir_statics() -> str:
    """Objects of T0: a mark, the payload's bytes, an immortal count, the header word with tag 1."""
    kind = "{ i32, i32, i32, i32, i64, i64, REF, REF }"
    lines = [
        f'@S{i} = internal global {kind} {{ i32 1953718627, i32 32, i32 -1610612736, i32 {0x8001000C - (1 << 32)}, '
        f'i64 0, i64 77, REF null, REF null }}, section "cairn_static", align 16'
        for i in range(STATICS)
    ]
    places = ", ".join(f"ptr getelementptr (i8, ptr @S{i}, i64 16)" for i in range(STATICS))
    return "\n".join([*lines, f"@mg_statics = constant [{STATICS + 1} x ptr] [{places}, ptr null]", ""])


IR_MANAGED = """declare REF @cairn.ref.alloc(ptr)
declare REF @cairn.ref.alloc.tagged(ptr, i8)
declare REF @cairn.ref.alloc.array(ptr, i64)
declare i8 @cairn.ref.tag(REF)
declare i64 @cairn.ref.length(REF)
declare void @cairn.ref.share(REF)
declare ptr @cairn.ref.borrow(REF)
declare REF @cairn.ref.adopt(ptr)
declare REF @cairn.ref.retain(ptr)
declare ptr @cairn.ref.release(REF)
"""

IR_MODEL = f"""declare ptr @mg_new(ptr, i8)
declare ptr @mg_new_array(i64)
declare i8 @mg_tag(ptr)
declare i64 @mg_length(ptr)
declare i32 @mg_depth()
declare ptr @mg_static(i32, ptr)
declare void @mg_restore(i32)
declare void @mg_push(i32, ...)
declare void @mg_pop()
define ptr @cairn.ref.alloc(ptr %t) {{
  %o = call ptr @mg_new(ptr %t, i8 0)
  ret ptr %o
}}
define ptr @cairn.ref.alloc.tagged(ptr %t, i8 %tag) {{
  %o = call ptr @mg_new(ptr %t, i8 %tag)
  ret ptr %o
}}
define ptr @cairn.ref.alloc.array(ptr %t, i64 %n) {{
  %o = call ptr @mg_new_array(i64 %n)
  ret ptr %o
}}
define i8 @cairn.ref.tag(ptr %o) {{
  %tag = call i8 @mg_tag(ptr %o)
  ret i8 %tag
}}
define i64 @cairn.ref.length(ptr %o) {{
  %n = call i64 @mg_length(ptr %o)
  ret i64 %n
}}
define void @cairn.ref.share(ptr %o) {{
  ret void
}}
"""

IR_HELPERS = f"""define internal void @mix(i64 %v) {{
  %a = load i64, ptr @mg_acc
  %b = xor i64 %a, %v
  %c = mul i64 %b, {0x9E3779B97F4A7C15 - (1 << 64)}
  %d = lshr i64 %c, 29
  %e = xor i64 %c, %d
  store i64 %e, ptr @mg_acc
  ret void
}}
define internal i64 @pick() {{
  %a = load i64, ptr @mg_state
  %b = mul i64 %a, 6364136223846793005
  %c = add i64 %b, 1442695040888963407
  store i64 %c, ptr @mg_state
  %d = lshr i64 %c, 33
  ret i64 %d
}}
define internal i64 @next_birth() {{
  %a = load i64, ptr @mg_births
  %b = add i64 %a, 1
  store i64 %b, ptr @mg_births
  ret i64 %b
}}
define internal i1 @spend(i64 %n) {{
  %a = load i64, ptr @mg_operations
  %b = add i64 %a, %n
  store i64 %b, ptr @mg_operations
  %c = load i64, ptr @mg_fuel
  %d = sub i64 %c, 1
  store i64 %d, ptr @mg_fuel
  %e = icmp sgt i64 %c, 0
  ret i1 %e
}}
define internal i1 @older(REF %child, REF %parent) {{
  %p = icmp ne REF %parent, null
  br i1 %p, label %some, label %no
some:
  %c = icmp eq REF %child, null
  br i1 %c, label %yes, label %compare
compare:
  %a = load i64, REF %child
  %b = load i64, REF %parent
  %l = icmp slt i64 %a, %b
  ret i1 %l
yes:
  ret i1 true
no:
  ret i1 false
}}
define internal i1 @both_older(REF %from, REF %to) {{
  %f = icmp ne REF %from, null
  %t = icmp ne REF %to, null
  %both = and i1 %f, %t
  br i1 %both, label %compare, label %no
compare:
  %a = load i64, REF %from
  %b = load i64, REF %to
  %l = icmp slt i64 %a, %b
  ret i1 %l
no:
  ret i1 false
}}
define internal REF @same(REF %n, i64 %x) {{
  ret REF %n
}}
define internal "cairn-borrowed" REF @peek(REF %n, i64 %x) noinline {{
  %m = srem i64 %x, 3
  %z = icmp eq i64 %m, 0
  %o = icmp eq REF %n, null
  %s = or i1 %z, %o
  br i1 %s, label %self, label %field
field:
  %f = getelementptr i8, REF %n, i64 16
  %v = load REF, REF %f
  br label %self
self:
  %r = phi REF [ %n, %0 ], [ %v, %field ]
  ret REF %r
}}
define internal void @fill(ptr %slot, REF %n) noinline {{
  store REF %n, ptr %slot
  ret void
}}
define void @mg_start() {{
  call void @mg_roots(ptr @mg_slots, i32 {SLOTS})
  %own = call ptr @llvm.threadlocal.address.p0(ptr @own)
  call void @mg_roots(ptr %own, i32 1)
  ret void
}}
define void @mg_clear() {{
  br label %next
next:
  %i = phi i64 [ 0, %0 ], [ %j, %next ]
  %s = getelementptr REF, ptr @mg_slots, i64 %i
  store REF null, ptr %s
  %j = add i64 %i, 1
  %more = icmp ult i64 %j, {SLOTS}
  br i1 %more, label %next, label %end
end:
  %own = call ptr @llvm.threadlocal.address.p0(ptr @own)
  store REF null, ptr %own
  ret void
}}
"""
