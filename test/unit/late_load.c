/*===- late_load.c - Cairn loaded late by a program without it -----------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int (*work)(int);
static void *(*leave)(void);
static pthread_barrier_t used, closed;

#define CHECK(x)                                                                                   \
  do {                                                                                             \
    if (!(x)) {                                                                                    \
      fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #x, dlerror());                       \
      exit(1);                                                                                     \
    }                                                                                              \
  } while (0)

/* Uses the library, and ends after the program has closed it. */
static void *thread(void *arg) {
  (void)arg;
  CHECK(work(1000) == 0);
  CHECK(leave());
  pthread_barrier_wait(&used);
  pthread_barrier_wait(&closed);
  return NULL;
}

/* A thread that was there before the library. */
static void *early(void *arg) {
  pthread_barrier_wait(arg);
  return thread(NULL);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  pthread_barrier_t loaded;
  pthread_t threads[4];
  pthread_barrier_init(&loaded, NULL, 2);
  pthread_barrier_init(&used, NULL, 5);
  pthread_barrier_init(&closed, NULL, 5);
  CHECK(pthread_create(&threads[0], NULL, early, &loaded) == 0);

  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  CHECK(library);
  *(void **)&work = dlsym(library, "cairn_late_work");
  *(void **)&leave = dlsym(library, "cairn_late_leave");
  CHECK(work && leave);
  CHECK(work(10000) == 0);
  pthread_barrier_wait(&loaded);
  for (int i = 1; i < 4; ++i)
    CHECK(pthread_create(&threads[i], NULL, thread, NULL) == 0);
  pthread_barrier_wait(&used);
  CHECK(dlclose(library) == 0);
  pthread_barrier_wait(&closed);
  for (int i = 0; i < 4; ++i)
    CHECK(pthread_join(threads[i], NULL) == 0);

  /* And once more. */
  library = dlopen(argv[1], RTLD_LAZY | RTLD_GLOBAL);
  CHECK(library);
  *(void **)&work = dlsym(library, "cairn_late_work");
  CHECK(work && work(10000) == 0);
  CHECK(dlclose(library) == 0);
  return 0;
}
