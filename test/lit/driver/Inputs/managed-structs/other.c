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
