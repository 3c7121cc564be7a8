/*===- fault-handlers.c - Fault signals of a process with guarded blocks ---------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 *   sent      a signal that is sent, and is no fault
 *   chain     a handler set before the heap was made, and one set afterwards that calls what it
 *found harmless  a fault that the program's own handler deals with, and then a use of a freed block
 *   small     a use of a freed block, on a thread whose handlers have 8 KB
 *   alarm     the same, while another signal with a handler comes all the time
 *   together  two threads that use freed blocks at the same time
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>

static sigjmp_buf back;
static char *volatile nowhere;
static struct sigaction old;

static void own(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  if (info->si_addr)
    _Exit(3);
  siglongjmp(back, 1);
}
static void later(int signal, siginfo_t *info, void *context) {
  if (info->si_addr == (void *)8)
    siglongjmp(back, 2);
  old.sa_sigaction(signal, info, context);
}
static void handle(void (*by)(int, siginfo_t *, void *)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = by;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGSEGV, &action, &old);
}
static void fault(char *at, int by) {
  nowhere = at;
  int who = sigsetjmp(back, 1);
  if (!who)
    *nowhere = 1;
  printf("%s\n", who == by ? "handled" : "by another");
  fflush(stdout);
}

/* 8 KB for handlers, and a page below that cannot be touched. */
static void give_small_stack(void) {
  enum { page = 4096, size = 8192 };
  char *at = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(at, page, PROT_NONE);
  stack_t stack = {.ss_sp = at + page, .ss_size = size};
  if (sigaltstack(&stack, NULL))
    perror("sigaltstack");
}
static volatile int ticks;
static void tick(int signal) {
  (void)signal;
  char room[2000];
  memset(room, ++ticks, sizeof room); /* over what another handler has there, if it begins anew */
  nowhere = room;
}
static pthread_barrier_t both;
static void *use(void *block) {
  give_small_stack();
  pthread_barrier_wait(&both);
  **(char *volatile *)block =
      1; /* the block cannot be read, or what is read from it is no address */
  return NULL;
}
static void use_in_threads(char *block, char *other) {
  pthread_t thread[2];
  pthread_barrier_init(&both, NULL, other ? 2 : 1);
  pthread_create(&thread[0], NULL, use, block);
  if (other)
    pthread_create(&thread[1], NULL, use, other);
  pthread_join(thread[0], NULL);
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  int handles = !strcmp(how, "chain") || !strcmp(how, "harmless");
  if (handles)
    handle(own);
  char *block = cairn_malloc(40);
  if (!strcmp(how, "sent")) {
    raise(SIGSEGV);
    puts("survived");
  } else if (!strcmp(how, "chain")) {
    handle(later);
    for (int i = 0; i < 3; ++i) {
      fault(NULL, 1);
      fault((char *)8, 2);
    }
  } else if (!strcmp(how, "harmless")) {
    fault(NULL, 1);
    cairn_free(block);
    *(volatile char *)block = 1;
  } else {
    char *other = cairn_malloc(40);
    cairn_free(block), cairn_free(other);
    if (!strcmp(how, "alarm")) {
      struct sigaction action = {.sa_handler = tick, .sa_flags = SA_ONSTACK | SA_RESTART};
      struct itimerval often = {{0, 200}, {0, 200}};
      sigaction(SIGALRM, &action, NULL);
      setitimer(ITIMER_REAL, &often, NULL);
      give_small_stack();
      *(volatile char *)block = 1;
    }
    use_in_threads(block, strcmp(how, "together") ? NULL : other);
  }
  return 0;
}
