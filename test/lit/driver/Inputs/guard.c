// Mistakes with blocks that live alone (CAIRN_GUARD=1). The functions below are not inlined, so
// that no function frees what it allocated itself. The first block lies at the end of its page, the
// second one at the start.
#include <cairn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define APART __attribute__((noinline))
struct node {
  struct node *next;
  long value[3];
};
CAIRN_TYPE(node_type, struct node, next);
static void finish(void *object) { (void)object; }
CAIRN_TYPE_FINAL(named_type, struct node, finish, next);

static volatile char sink;
static void put(volatile char *p, long i) { p[i] = 1; } // which the optimiser keeps
APART static char *make(void) { return cairn_malloc(48); }
APART static void give(char *p) { cairn_free(p); }
APART static struct node *make_node(void) { return cairn_alloc(&node_type); }
APART static struct node *make_named(void) { return cairn_alloc(&named_type); }
APART static void drop(struct node *n) { cairn_decref(n); }
static void *give_in_thread(void *p) {
  give(p);
  return NULL;
}
static void in_thread(void *(*f)(void *), void *p) {
  pthread_t thread;
  pthread_create(&thread, NULL, f, p);
  pthread_join(thread, NULL);
}

APART static int mistake(const char *what) {
  char *p = make(), *q = make();
  struct node *n = make_node(), *m = make_node();
  put(p, 0), put(q, 0);
#define IS(name) (strcmp(what, name) == 0)
  if (IS("read freed"))
    give(p), sink = p[5];
  else if (IS("write freed"))
    give(q), put(q, 47);
  else if (IS("read freed by a thread"))
    in_thread(give_in_thread, p), sink = p[0];
  else if (IS("overflow"))
    put(p, 48);
  else if (IS("read past the end"))
    sink = p[50];
  else if (IS("underflow"))
    put(q, -1);
  else if (IS("overflow, seen late"))
    put(q, 48), give(q);
  else if (IS("underflow, seen late"))
    put(p, -3), give(p);
  else if (IS("overflow, looked for"))
    put(q, 50), cairn_heap_check(NULL);
  else if (IS("twice"))
    give(p), give(p);
  else if (IS("twice, by a thread"))
    give(p), in_thread(give_in_thread, p);
  else if (IS("inside"))
    give(p + 8);
  else if (IS("size"))
    cairn_free_sized(p, 8);
  else if (IS("free of an object"))
    give((char *)n);
  else if (IS("share of a block"))
    cairn_share(p);
  else if (IS("realloc of the freed"))
    give(p), sink = *(char *)cairn_realloc(p, 100);
  else if (IS("size of the freed"))
    give(p), sink = (char)cairn_usable_size(p);
  else if (IS("read dead"))
    drop(n), sink = (char)n->value[1];
  else if (IS("retain dead"))
    drop(m), cairn_incref(m);
  else if (IS("released twice"))
    drop(n), drop(n);
  else if (IS("share of the dead"))
    drop(n), cairn_share(n);
  else if (IS("named, released twice")) {
    struct node *named = make_named();
    drop(named), drop(named);
  } else if (IS("held, then read")) {
    n->next = m;
    drop(n);
    sink = (char)m->value[0];
  } else if (IS("array")) {
    long *a = cairn_alloc_array(&cairn_type_byte, 100);
    cairn_decref(a);
    sink = (char)a[3];
  } else if (IS("past an object"))
    for (long i = 0; i < 64; ++i) // to the page's end
      put((char *)n->value, i);
  else if (IS("fork")) {
    if (fork() == 0)
      give(p), sink = p[1];
    int status;
    wait(&status);
    give(p); // the parent's is as it was
    give(q);
    drop(n), drop(m);
    printf("child ended by a signal: %d\n", WIFSIGNALED(status));
    return 0;
  }
  return 0;
}

// A program that is right: everything is freed, in each way.
APART static long right(void) {
  long sum = 0;
  struct node *all = NULL;
  for (int i = 0; i < 2000; ++i) {
    char *p = make();
    p[47] = 1;
    sum += p[47];
    char *own = cairn_malloc(48); // its free looks at no slab
    own[0] = 2;
    sum += own[0];
    cairn_free(own);
    p = cairn_realloc(p, i % 900);
    give(p);
    struct node *n = make_node();
    n->next = all;
    all = n;
    if (i % 300 == 0)
      drop(all), all = NULL;
    struct node *named = make_named();
    if (i % 3 == 0)
      cairn_share(named), in_thread((void *(*)(void *))(void *)cairn_decref, named);
    else
      drop(named);
    cairn_decref(cairn_alloc_bytes(i % 2000));
    cairn_decref(cairn_alloc_array(&cairn_type_ref, i % 200));
    char *zeroed = cairn_calloc(1, 100);
    for (int k = 0; k < 100; ++k)
      sum += zeroed[k];
    cairn_free_sized(zeroed, 100);
    char *aligned = cairn_aligned_alloc(64, 100);
    sum += (long)aligned % 64;
    cairn_free(aligned);
  }
  drop(all);
  return sum;
}

int main(int argc, char **argv) {
  if (argc > 1)
    return mistake(argv[1]);
  printf("right %ld\n", right());
  cairn_stats s;
  cairn_stats_get(NULL, &s);
  printf("left %ld, sound %d\n", (long)(s.live_blocks + s.live_objects), cairn_heap_check(NULL));
  return 0;
}
