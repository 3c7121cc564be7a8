#include "structs.h"

struct one {
  node at;
};

int64_t value(struct one o) { return o.at->value; }
