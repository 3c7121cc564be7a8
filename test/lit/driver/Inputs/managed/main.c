/* Prints a sum, the most objects that were alive in a loop that needs two, and what is left. */
#include "stack.h"
#include <stdio.h>

static long most;
static long live(void) {
  cairn_stats s;
  cairn_stats_get(NULL, &s);
  if ((long)s.live_objects > most)
    most = (long)s.live_objects;
  return (long)s.live_objects;
}

__attribute__((noinline)) static long filled(long n) {
  stack s = empty();
  for (long i = 1; i <= n; ++i) {
    node v = leaf(i);
    v->value = leaf(2 * i);
    push(s, v);
  }
  long all = sum(s->top), last = top(s)->key;
  for (node v; (v = pop(s));)
    all += v->key + v->value->key;
  return all + last + s->size;
}

__attribute__((noinline)) static long garbage(long n) {
  long all = 0;
  for (long i = 0; i < n; ++i) {
    node v = leaf(i);
    v->next = leaf(1);
    live();
    all += sum(v);
  }
  return all;
}

int main(void) {
  printf("%ld\n", filled(100));
  printf("%ld, ", garbage(1000));
  printf("at most %ld\n", most);
  printf("%ld live\n", live());
  return 0;
}
