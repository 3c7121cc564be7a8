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
