# managed_module.py - Programs with managed references, of any size.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""C text of modules with cairn/managed.h: many functions, or one large one."""

HEAD = """#include <cairn/managed.h>
typedef struct node cairn_managed *node;
struct node { node left, right; int64_t key; };
typedef struct list cairn_managed *list;
struct list { node head; list tail; };
CAIRN_TYPE(node_type, struct node, left, right);
CAIRN_TYPE(list_type, struct list, head, tail);
extern int64_t input(void);
"""

# What people write: constructors, walks, searches, updates in place and by copy, loops that
# build, and calls of one another. N is the function's number, P another's of the same kind.
KINDS = [
    """node make_N(node left, node right, int64_t key) {
  node n = cairn_ref_new(&node_type);
  n->left = left; n->right = right; n->key = key + N;
  return n;
}
""",
    """list cons_N(node head, list tail) {
  list l = cairn_ref_new(&list_type);
  l->head = head; l->tail = tail;
  return l;
}
""",
    """int64_t sum_N(list l) {
  int64_t s = N;
  for (; l; l = l->tail) if (l->head) s += l->head->key;
  return s;
}
""",
    """node insert_N(node t, int64_t key) {
  if (!t) return make_N(NULL, NULL, key);
  if (key < t->key) return make_N(insert_N(t->left, key), t->right, t->key);
  if (key > t->key) return make_N(t->left, insert_N(t->right, key), t->key);
  return t;
}
""",
    """list map_N(list l) {
  if (!l) return NULL;
  node h = l->head ? insert_N(l->head, N) : NULL;
  return cons_N(h, map_N(l->tail));
}
""",
    """void rotate_N(node t) {
  node r = t->right;
  if (!r) return;
  t->right = r->left;
  r->left = t->left;
  t->left = r;
}
""",
    """node find_N(node t, int64_t key) {
  while (t && t->key != key) t = key < t->key ? t->left : t->right;
  return t;
}
""",
    """list build_N(int64_t n) {
  list l = NULL;
  for (int64_t i = 0; i < n; i++) {
    node t = make_N(NULL, NULL, i);
    if (input() & 1) { rotate_N(t); l = cons_N(t, l); } else l = cons_N(insert_N(t, input()), l);
  }
  return l;
}
""",
    """int64_t work_N(int64_t n) {
  list l = build_N(n), m = map_N(l);
  node t = find_N(m ? m->head : NULL, n);
  return sum_N(l) + sum_N(m) + (t ? t->key : 0) + sum_P(build_P(1));
}
""",
]


def module(functions):
    """A module of so many functions, rounded up to whole groups."""
    text = [HEAD]
    for group in range(-(-functions // len(KINDS))):
        other = max(group - 1, 0)
        text += [k.replace("_N", f"_{group}").replace("_P", f"_{other}").replace("N;", f"{group};")
                 .replace("+ N", f"+ {group}").replace(", N)", f", {group})") for k in KINDS]
    return "\n".join(text)


# Statements of one large function; each has two sites where something is counted, or more.
STATEMENTS = [
    "a = cons(t, a);",
    "t = make(t, b ? b->head : NULL, %d);",
    "if (input() == %d) b = a; else b = b ? b->tail : NULL;",
    "if (a) a->head = t;",
    "use(a, t);",
    "while (a && input() > %d) a = a->tail;",
    "t->left = find(t, %d);",
]


def large_function(sites):
    """A module whose function `large` has so many statements."""
    body = "\n".join("  " + (s % i if "%d" in s else s)
                     for i, s in ((i, STATEMENTS[i % len(STATEMENTS)]) for i in range(sites)))
    return HEAD + f"""node make(node left, node right, int64_t key);
list cons(node head, list tail);
node find(node t, int64_t key);
void use(list l, node t);
list large(list a, list b, node t) {{
{body}
  return a;
}}
"""
