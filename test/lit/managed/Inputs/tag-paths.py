# tag-paths.py - Random functions that test the tags of what they get again and again.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""python3 tag-paths.py SEED [open]: prints a program in C.

Each function gets two objects, asks in a random order which tags they have and what they hold, and
returns one of them, a part of one, a new object, or what another function makes of such. With
`open` the functions can be called from other modules.
"""

import random
import sys

HEAD = """#include <cairn/managed.h>
#include <inttypes.h>
#include <stdio.h>
struct any { char none; };
typedef struct any cairn_managed *ref;
struct leaf { int64_t value; };
struct pair { ref left, right; };
struct one { ref of; };
CAIRN_TYPE(leaf_type, struct leaf);
CAIRN_TYPE(pair_type, struct pair, left, right);
CAIRN_TYPE(one_type, struct one, of);
static inline int tag(ref x) { return cairn_ref_tag(x); }
static inline int64_t value(ref x) { return ((struct leaf cairn_managed *)x)->value; }
static inline ref left(ref x) { return ((struct pair cairn_managed *)x)->left; }
static inline ref right(ref x) { return ((struct pair cairn_managed *)x)->right; }
static inline ref of(ref x) { return ((struct one cairn_managed *)x)->of; }
static inline ref leaf(int64_t value) {
  struct leaf cairn_managed *x = cairn_ref_new_tagged(&leaf_type, 0);
  x->value = value;
  return (ref)x;
}
static inline ref pair(int tag, ref l, ref r) {
  struct pair cairn_managed *x = cairn_ref_new_tagged(&pair_type, (uint8_t)tag);
  x->left = l;
  x->right = r;
  return (ref)x;
}
static inline ref one(ref o) {
  struct one cairn_managed *x = cairn_ref_new_tagged(&one_type, 1);
  x->of = o;
  return (ref)x;
}
static uint64_t hash(ref x, int depth) {
  if (!depth)
    return 17;
  switch (tag(x)) {
  case 0: return 3 + 5 * (uint64_t)value(x);
  case 1: return 7 + 11 * hash(of(x), depth - 1);
  default: return (uint64_t)tag(x) * 13 + 19 * hash(left(x), depth - 1) + 23 * hash(right(x), depth - 1);
  }
}
"""


class Writer:
    def __init__(self, seed, linkage):
        self.r = random.Random(seed)
        self.linkage = linkage
        self.functions = self.r.randint(2, 4)

    def test(self, known):
        """A condition on a tag; `known` gets what holds behind it."""
        x = self.r.choice("xy")
        kind = self.r.randrange(6)
        if kind < 3:
            t = self.r.randrange(4)
            known[x] = {t}
            text = f"tag({x}) == {t}"
            if t == 0 and self.r.random() < 0.6:
                text += f" && value({x}) {self.r.choice(['==', '<', '!='])} {self.r.randint(-2, 3)}"
            return text
        if kind == 3:
            known[x] = {2, 3}
            return f"tag({x}) >= 2"
        if kind == 4:
            return f"tag({x}) != {self.r.randrange(4)}"
        return f"tag({x}) <= {self.r.randrange(3)}"

    def object(self, known, depth=2):
        choices = ["x", "y"]
        for x in "xy":
            if known.get(x) and known[x] <= {2, 3}:
                choices += [f"left({x})", f"right({x})"] * 2
            elif known.get(x) == {1}:
                choices += [f"of({x})"] * 2
            elif known.get(x) == {0}:
                choices += [f"leaf(value({x}) + {self.r.randint(-3, 3)})"]
        if depth:
            a, b = self.object(known, depth - 1), self.object(known, depth - 1)
            choices += [f"pair({self.r.randint(2, 3)}, {a}, {b})", f"one({a})",
                        f"f{self.r.randrange(self.functions)}({a}, {b}, fuel - 1 - {self.r.randrange(2)})",
                        f"leaf({self.r.randint(-2, 2)})"]
        return self.r.choice(choices)

    def function(self, n):
        lines = [f"{self.linkage}ref f{n}(ref x, ref y, int fuel) {{", "  if (fuel <= 0)", "    return x;"]
        for _ in range(self.r.randint(3, 9)):
            known = {}
            test = self.test(known)
            if self.r.random() < 0.5:
                more = self.test(other := {})
                if not set(other) & set(known):
                    known |= other
                    test += " && " + more
            lines.append(f"  if ({test})")
            if self.r.random() < 0.12:
                lines.append("    return fuel % 2 ? y : x;")
            else:
                lines.append(f"    return {self.object(known)};")
        lines += [f"  return {self.object({})};", "}"]
        return lines

    def program(self):
        text = [HEAD]
        text += [f"{self.linkage}ref f{n}(ref, ref, int);" for n in range(self.functions)]
        for n in range(self.functions):
            text += self.function(n)
        text += ["static void run(void) {", "  uint64_t sum = 0;", "  for (int i = 0; i < 300; ++i) {",
                 "    ref a = leaf(i % 5 - 2), b = i % 3 ? pair(2 + i % 2, one(a), leaf(i % 4)) : one(leaf(i % 3));",
                 "    if (i % 7 < 3)", "      a = pair(3, b, a);"]
        for n in range(self.functions):
            text.append(f"    sum = sum * 31 + hash(f{n}({'a, b' if n % 2 else 'b, a'}, 3 + i % 6), 6);")
        text += ["  }", '  printf("%" PRIu64 "\\n", sum);', "}", "int main(void) {", "  run();", "  cairn_stats stats;",
                 "  cairn_stats_get(NULL, &stats);", '  printf("%" PRIu64 " left\\n", stats.live_objects);',
                 "  return 0;", "}"]
        return "\n".join(text)


print(Writer(int(sys.argv[1]), "" if "open" in sys.argv[2:] else "static ").program())
