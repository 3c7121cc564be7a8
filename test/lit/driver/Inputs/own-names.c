/* Functions and variables of a program whose names the C library has as well. `own-names freed`
 * uses a block that was freed; without an argument, the program loses a block. */
#include <cairn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN(name)                                                                                  \
  int name(void);                                                                                  \
  int name(void) {                                                                                 \
    fputs(#name " of the program\n", stderr);                                                      \
    return -1;                                                                                     \
  }
OWN(access)
OWN(alarm)
OWN(backtrace)
OWN(close)
OWN(gnu_get_libc_version)
OWN(open)
OWN(pipe2)
OWN(poll)
OWN(read)
OWN(readlink)
OWN(syscall)
OWN(unlink)
OWN(write)
const char *environ = "no such list";
char *kept;

__attribute__((noinline)) static char *make(void) { return memset(cairn_malloc(40), 1, 40); }

int main(int argc, char **argv) {
  (void)argv;
  char *volatile block = make();
  if (argc > 1) {
    cairn_free(block);
    cairn_free(block);
  }
  kept = make();
  block = NULL;
  return 0;
}
