// Mistakes with blocks of malloc, for guard_test.py. Two blocks are made first: one lies at the end
// of its page, the other at the start.
#include <stdlib.h>
#include <string.h>

#define APART __attribute__((noinline))
static volatile char sink;
APART static char *make(size_t n) {
  char *p = malloc(n);
  memset(p, 1, n);
  return p;
}
APART static void put(volatile char *p, long i) { p[i] = 1; }
APART static void done(char *p) {
  free(p);
  sink = 0;
}

int main(int argc, char **argv) {
  // What the C library takes at its start changes which of the two comes first.
  char *p = make(112), *q = make(112);
  char *atEnd = (size_t)p % 4096 ? p : q, *atStart = (size_t)p % 4096 ? q : p;
  const char *what = argc > 1 ? argv[1] : "nothing";
  if (strcmp(what, "use") == 0)
    done(p), sink = p[3];
  else if (strcmp(what, "over") == 0)
    put(atEnd, 112);
  else if (strcmp(what, "under") == 0)
    put(atStart, -1);
  else if (strcmp(what, "late") == 0)
    put(atStart, 112), done(atStart);
  else if (strcmp(what, "twice") == 0)
    done(q), done(q);
  else if (strcmp(what, "realloc") == 0)
    sink = *(char *)realloc(p, 500), sink = p[1];
  else
    done(p), done(q);
  return 0;
}
