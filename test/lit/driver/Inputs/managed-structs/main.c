// Structures with references by value, to functions of this file, of another one, through a pointer,
// and to plain C that knows of no references (plain.c).
#include "structs.h"

#include <stdio.h>

CAIRN_TYPE(node_type, struct node, next);

static node make(int64_t value) {
  node n = cairn_ref_new(&node_type);
  n->value = value;
  return n;
}

__attribute__((noinline)) static struct pair swap(struct pair p) {
  struct pair q = {p.second, p.first};
  return q;
}

__attribute__((noinline)) static struct mixed next(struct mixed m) {
  m.n += m.at->value;
  m.at = m.at->next;
  return m;
}

__attribute__((noinline)) static struct late last(struct late l) {
  l.at = l.at->next;
  ++l.n;
  return l;
}

__attribute__((noinline)) static struct three turn(struct three t) {
  struct three u = {t.third, t.first, t.second};
  return u;
}

__attribute__((noinline)) static struct one head(int64_t value, node rest) {
  struct one o = {make(value)};
  o.at->next = rest;
  return o;
}

static struct one empty(void) {
  struct one none = {NULL};
  return none;
}

struct one (*volatile step)(struct one, int64_t) = front;
struct pair (*volatile through)(struct pair) = swap;

__attribute__((noinline)) static void run(void) {
  for (int round = 0; round < 3; ++round) {
    struct pair p = {make(1), make(2)};
    p = through(swap(join(p)));
    printf("%d %d\n", (int)p.first->value, (int)p.second->value);
    struct mixed m = {p.first, 10};
    m.at->next = p.second;
    m = next(m);
    printf("%d %d\n", (int)m.at->value, (int)m.n);
    struct late l = {7, p.first};
    l = last(l);
    printf("%d %d\n", (int)l.at->value, l.n);
    struct three t = {p.first, m.at, NULL};
    t = turn(t);
    printf("%d %d\n", t.first == NULL, (int)t.second->value);
    // The structure does not fit into the registers that are left: it goes on the stack as a whole.
    printf("%d\n", (int)many(1, 2, 3, 4, 5, 6, 7, m));
    struct three by = {m.at, NULL, m.at};
    printf("%d\n", (int)sum(&by, t));
    struct one o = head(5, head(6, by.first).at);
    struct around a = {step(front(o, 1), 1)};
    head(9, o.at);
    printf("%d %d %d\n", (int)value(a), (int)count(o, 4), empty().at == NULL);
  }
}

int main(void) {
  run();
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  printf("%d left\n", (int)stats.live_objects);
  return 0;
}
