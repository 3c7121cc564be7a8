/* heap.c - A program whose heap is known, for the tests of cairn heap. */
#include <cairn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct entry {
  struct entry *next;
  char *text;
};
static void closed(void *object) { (void)object; }
CAIRN_TYPE_FINAL(entry_type, struct entry, closed, next, text);
struct ring {
  struct ring *other;
  long value;
};
CAIRN_TYPE_FINAL(ring_type, struct ring, closed, other);

struct entry *cache;
struct ring *rings[3];

static void put(long n) {
  for (; n; --n) {
    struct entry *e = cairn_alloc(&entry_type);
    e->next = cache;
    e->text = cairn_alloc_bytes(100);
    cache = e;
  }
}

static void *other(void *stop) {
  while (!*(volatile int *)stop)
    cairn_decref(cairn_alloc(&entry_type));
  return NULL;
}

int main(int argc, char **argv) {
  (void)argc;
  put(1000);
  rings[2] = cairn_alloc(&ring_type);
  rings[2]->other = cairn_alloc(&ring_type);
  rings[2]->other->other = rings[2];
  cairn_incref(rings[2]);
  if (!strcmp(argv[1], "dump")) {
    if (!cairn_heap_dump(argv[2]))
      return 1;
    put(500);
    printf("%p\n", (void *)cache);
    return !cairn_heap_dump(argv[3]);
  }
  if (!strcmp(argv[1], "threads")) {
    int stop = 0, failed = 0;
    pthread_t threads[3];
    for (int i = 0; i < 3; ++i)
      pthread_create(&threads[i], NULL, other, &stop);
    for (int i = 0; i < 10; ++i)
      failed += !cairn_heap_dump(argv[2]);
    stop = 1;
    for (int i = 0; i < 3; ++i)
      pthread_join(threads[i], NULL);
    return failed;
  }
  if (!strcmp(argv[1], "signal")) {
    raise(SIGUSR2);
    for (int i = 0; i < 2000 && access(argv[2], F_OK); ++i)
      usleep(10000);
    return access(argv[2], F_OK) != 0;
  }
  if (!strcmp(argv[1], "full")) {
    cairn_heap_options options = {1 << 20, "small", false};
    cairn_heap *small = cairn_heap_create(&options);
    for (void *volatile last;;)
      last = cairn_heap_alloc_bytes(small, 1000);
  }
  return 0;
}
