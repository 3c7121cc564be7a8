#include "structs.h"

struct pair join(struct pair p) {
  p.first->next = p.second;
  p.second->next = NULL;
  return p;
}

int64_t sum(struct three *by, struct three t) {
  int64_t all = t.second->value;
  for (node n = t.second->next; n; n = n->next)
    all = all * 10 + n->value;
  by->second = t.third;
  t.second = NULL;
  return all * 10 + by->second->value;
}

struct one front(struct one o, int64_t steps) {
  if (steps == 0)
    return o;
  struct one next = {o.at->next};
  return front(next, steps - 1);
}

int64_t value(struct around a) {
  struct one o = a.in;
  a.in.at = NULL;
  return o.at->value;
}
