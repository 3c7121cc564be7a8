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
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  if (strcmp(how, "sent"))
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
  }
  return 0;
}
