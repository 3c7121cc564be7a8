// Two fibers that change threads in each round, between two allocations of one function. The
// switch is the C library's, or with -DOWN_SWITCH one of a few instructions, as fiber libraries
// have it, which makes no system call.
#include <cairn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

struct cell {
  struct cell *next;
  long value;
};
CAIRN_TYPE(cell_type, struct cell, next);

enum { kRounds = 200, kCells = 100 };

static long sum[2];
static pthread_barrier_t barrier;
static void work(int i);

#ifdef OWN_SWITCH
typedef uintptr_t *context; // the stack pointer; what a call preserves lies there
// Saves what a call preserves, and goes on where the other stack was left.
__attribute__((naked, noinline)) static void swap(context *from, context *to) {
#ifdef __aarch64__
  __asm__("stp x29, x30, [sp, #-160]!\n stp x19, x20, [sp, #16]\n stp x21, x22, [sp, #32]\n"
          "stp x23, x24, [sp, #48]\n stp x25, x26, [sp, #64]\n stp x27, x28, [sp, #80]\n"
          "stp d8, d9, [sp, #96]\n stp d10, d11, [sp, #112]\n stp d12, d13, [sp, #128]\n"
          "stp d14, d15, [sp, #144]\n mov x9, sp\n str x9, [x0]\n ldr x9, [x1]\n mov sp, x9\n"
          "ldp x19, x20, [sp, #16]\n ldp x21, x22, [sp, #32]\n ldp x23, x24, [sp, #48]\n"
          "ldp x25, x26, [sp, #64]\n ldp x27, x28, [sp, #80]\n ldp d8, d9, [sp, #96]\n"
          "ldp d10, d11, [sp, #112]\n ldp d12, d13, [sp, #128]\n ldp d14, d15, [sp, #144]\n"
          "ldp x29, x30, [sp], #160\n ret");
#else
  __asm__("push %rbp\n push %rbx\n push %r12\n push %r13\n push %r14\n push %r15\n"
          "mov %rsp, (%rdi)\n mov (%rsi), %rsp\n"
          "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbx\n pop %rbp\n ret");
#endif
}
static void first(void) { work(0); }
static void second(void) { work(1); }
static void make(context *made, char *stack, size_t size, int i) {
  uintptr_t *top = (uintptr_t *)(((uintptr_t)stack + size) & ~(uintptr_t)15);
  uintptr_t start = (uintptr_t)(i ? second : first);
#ifdef __aarch64__
  *made = top - 20;
  (*made)[1] = start; // x30
#else
  *made = top - 8; // six registers, the address to return to, and as if of a caller
  (*made)[6] = start;
#endif
}
#else
#include <ucontext.h>
typedef ucontext_t context;
static void swap(context *from, context *to) { swapcontext(from, to); }
static void make(context *made, char *stack, size_t size, int i) {
  getcontext(made);
  made->uc_stack.ss_sp = stack;
  made->uc_stack.ss_size = size;
  makecontext(made, (void (*)(void))work, 1, i);
}
#endif

static context fiber[2], back[2];
__attribute__((noinline)) static void leave(int i) { swap(&fiber[i], &back[i]); }

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
    swap(&back[i], &fiber[i]);
    pthread_barrier_wait(&barrier);
  }
  return NULL;
}

int main(void) {
  static char stack[2][256 << 10] __attribute__((aligned(16)));
  pthread_barrier_init(&barrier, NULL, 2);
  for (int i = 0; i < 2; ++i)
    make(&fiber[i], stack[i], sizeof(stack[i]), i);
  pthread_t other;
  pthread_create(&other, NULL, thread, (void *)1);
  thread((void *)0);
  pthread_join(other, NULL);
  printf("%ld %ld\n", sum[0], sum[1]);
  return 0;
}
