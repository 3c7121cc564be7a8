#include <stdint.h>

struct mixed {
  const int64_t *at;
  int64_t n;
};

int64_t many(int a, int b, int c, int d, int e, int f, int g, struct mixed m) {
  return a + b + c + d + e + f + g + m.n * 100 + *m.at * 10000;
}

struct one {
  const int64_t *at;
};

int64_t count(struct one o, int64_t n) { return *o.at * n; }
