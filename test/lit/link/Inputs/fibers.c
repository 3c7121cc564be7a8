// Two fibers that change threads in each round, between two allocations of one function.
#include <cairn.h>
#include <pthread.h>
#include <stdio.h>
#include <ucontext.h>

struct cell {
  struct cell *next;
  long value;
};
CAIRN_TYPE(cell_type, struct cell, next);

enum { kRounds = 200, kCells = 100 };

static ucontext_t fiber[2], back[2];
static long sum[2];
static pthread_barrier_t barrier;

__attribute__((noinline)) static void leave(int i) { swapcontext(&fiber[i], &back[i]); }

static void work(int i) {
  struct cell *list = NULL;
  for (int round = 0; round < kRounds; ++round) {
    for (int n = 0; n < kCells; ++n) {
      struct cell *first = cairn_alloc(&cell_type);
      void *block = cairn_malloc(48);
      if (n == kCells / 2)
        leave(i);
      struct cell *second = cairn_alloc(&cell_type);
      first->value = second->value = n;
      first->next = second;
      second->next = list;
      list = first;
      cairn_free_sized(block, 48);
    }
    for (struct cell *at = list; at; at = at->next)
      sum[i] += at->value;
    cairn_decref(list);
    list = NULL;
  }
  for (;;)
    leave(i);
}

static void *thread(void *number) {
  int self = (int)(long)number;
  for (int round = 0; round < kRounds + 1; ++round) {
    int i = (self + round) % 2;
    swapcontext(&back[i], &fiber[i]);
    pthread_barrier_wait(&barrier);
  }
  return NULL;
}

int main(void) {
  static char stack[2][256 << 10];
  pthread_barrier_init(&barrier, NULL, 2);
  for (int i = 0; i < 2; ++i) {
    getcontext(&fiber[i]);
    fiber[i].uc_stack.ss_sp = stack[i];
    fiber[i].uc_stack.ss_size = sizeof(stack[i]);
    makecontext(&fiber[i], (void (*)(void))work, 1, i);
  }
  pthread_t other;
  pthread_create(&other, NULL, thread, (void *)1);
  thread((void *)0);
  pthread_join(other, NULL);
  printf("%ld %ld\n", sum[0], sum[1]);
  return 0;
}
