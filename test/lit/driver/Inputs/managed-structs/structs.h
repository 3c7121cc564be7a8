#include <cairn/managed.h>
#include <stdint.h>

typedef struct node cairn_managed *node;
struct node {
  int64_t value;
  node next;
};
struct pair {
  node first, second;
};
struct one {
  node at;
};
struct around { /* of one word as well */
  struct one in;
};
struct mixed {
  node at;
  int64_t n;
};
struct late {
  int n;
  node at;
};
struct three {
  node first, second, third;
};

struct pair join(struct pair p);
int64_t sum(struct three *by, struct three t);
int64_t many(int a, int b, int c, int d, int e, int f, int g, struct mixed m);
struct one front(struct one o, int64_t steps);
int64_t value(struct around a);
int64_t count(struct one o, int64_t n);
