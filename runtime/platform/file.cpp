//===- file.cpp - Files that are written, and a frozen copy of the process -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "platform/file.h"

#include "platform/system_call.h"
#include "platform/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace cairn::platform {

File::File(const char *name) {
  if (isNoFile(name)) {
    Name[0] = Part[0] = 0;
    Descriptor = openFile(name, O_WRONLY);
    if (Descriptor < 0)
      Error = -Descriptor;
    return;
  }
  int n = snprintf(Part, sizeof(Part), "%s.part", name);
  if (n < 0 || size_t(n) >= sizeof(Part)) {
    Error = ENAMETOOLONG;
    Descriptor = -1;
    return;
  }
  snprintf(Name, sizeof(Name), "%s", name);
  Descriptor = openFile(Part, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (Descriptor < 0)
    Error = -Descriptor;
}

File::File(int descriptor) : Descriptor(descriptor), Own(false) { Name[0] = Part[0] = 0; }

File::~File() {
  if (Descriptor < 0 || !Own)
    return;
  closeFile(Descriptor);
  if (*Part)
    removeFile(Part);
}

void File::flush() {
  for (size_t at = 0; at < Used && !Error;) {
    long n = writeFile(Descriptor, Buffer + at, Used - at);
    if (n >= 0)
      at += size_t(n);
    else
      Error = int(-n);
  }
  Used = 0;
}

void File::put(char c) {
  if (Used == sizeof(Buffer))
    flush();
  Buffer[Used++] = c;
}

File &File::operator<<(const char *text) { return bytes(text, strlen(text)); }

File &File::bytes(const void *from, size_t n) {
  for (auto *at = static_cast<const char *>(from); n;) {
    if (Used == sizeof(Buffer))
      flush();
    size_t room = sizeof(Buffer) - Used, part = n < room ? n : room;
    memcpy(Buffer + Used, at, part);
    Used += part;
    at += part;
    n -= part;
  }
  return *this;
}

File &File::operator<<(uint64_t n) {
  putDecimal(n, [this](char c) { put(c); });
  return *this;
}

File &File::operator<<(const void *p) {
  char digits[24];
  snprintf(digits, sizeof(digits), "0x%zx", size_t(p));
  return *this << static_cast<const char *>(digits);
}

namespace {
/// Bytes of the character of UTF-8 that begins here; 0 if none does.
unsigned utf8(const unsigned char *at) {
  if (*at < 0x80)
    return 1;
  unsigned n = *at >= 0xf0 && *at < 0xf5 ? 4 : *at >= 0xe0 ? 3 : *at >= 0xc2 ? 2 : 0;
  if (*at >= 0xf5)
    n = 0;
  for (unsigned i = 1; i < n; ++i)
    if ((at[i] & 0xc0) != 0x80)
      return 0;
  // Longer forms of shorter ones, halves of pairs, and what lies past the last character.
  if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
      (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f))
    return 0;
  return n;
}
} // namespace

File &File::string(const char *text) {
  put('"');
  for (auto at = reinterpret_cast<const unsigned char *>(text); *at;) {
    unsigned n = utf8(at);
    if (!n) {
      put('?');
      ++at;
      continue;
    }
    if (*at == '"' || *at == '\\')
      put('\\');
    for (; n; --n, ++at)
      put(*at < 32 ? ' ' : char(*at));
  }
  put('"');
  return *this;
}

bool File::finish(int &error) {
  if (!Error)
    flush();
  if (!Error && *Part && rename(Part, Name) != 0)
    Error = errno;
  error = Error;
  if (Error)
    return false;
  if (Own)
    closeFile(Descriptor);
  Descriptor = -1;
  return true;
}

int inCopy(int (*work)(void *), void *context) {
  constexpr unsigned kPatience = 600; // seconds
  if (hasOneThread())
    return work(context);
  int before = errno, ends[2];
  if (int error = makePipe(ends))
    return -error;
  pid_t child = fork();
  if (child < 0) {
    int error = errno;
    closeFile(ends[0]);
    closeFile(ends[1]);
    return error;
  }
  if (!child) {
    closeFile(ends[0]);
    signal(SIGALRM, SIG_DFL);
    endAfter(kPatience); // nobody waits for ever
    int result = work(context);
    long n = writeFile(ends[1], &result, sizeof(result));
    _exit(n != sizeof(result));
  }
  closeFile(ends[1]);
  int result = EIO; // it was killed
  if (readFile(ends[0], &result, sizeof(result)) != sizeof(result))
    result = EIO;
  closeFile(ends[0]);
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR)
    ;
  errno = before;
  return result;
}

namespace {
sem_t arrived;
void (*toDo)();
void arrive(int) {
  int before = errno;
  sem_post(&arrived);
  errno = before;
}
} // namespace

bool onSignal(int signal, void (*act)()) {
  struct sigaction now;
  if (sigaction(signal, nullptr, &now) || now.sa_flags & SA_SIGINFO || now.sa_handler != SIG_DFL)
    return false;
  toDo = act;
  sem_init(&arrived, 0, 0);
  if (!startThread([] {
        nameThread("cairn-dump");
        for (;;) {
          while (sem_wait(&arrived) && errno == EINTR)
            ;
          toDo();
        }
      }))
    return false;
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = arrive;
  action.sa_flags = SA_RESTART;
  return sigaction(signal, &action, nullptr) == 0;
}

int signalNumber(const char *name) {
  char *end;
  long n = strtol(name, &end, 10);
  if (end != name && !*end)
    return n > 0 && n < 65 ? int(n) : 0;
  if (strncmp(name, "SIG", 3) == 0)
    name += 3;
  static constexpr struct {
    const char *name;
    int number;
  } known[] = {{"HUP", SIGHUP},   {"USR1", SIGUSR1}, {"USR2", SIGUSR2},  {"ALRM", SIGALRM},
               {"QUIT", SIGQUIT}, {"CONT", SIGCONT}, {"WINCH", SIGWINCH}};
  for (const auto &one : known)
    if (strcmp(one.name, name) == 0)
      return one.number;
  return 0;
}

const char *errorText(int error) { return strerror(error); }
void setError(int error) { errno = error; }

namespace {
unsigned process, forks;
} // namespace

unsigned processId() {
  unsigned known = __atomic_load_n(&process, __ATOMIC_RELAXED);
  if (!known)
    if (long number = systemCall(SYS_getpid); number > 0)
      __atomic_store_n(&process, known = unsigned(number), __ATOMIC_RELAXED);
  return known;
}

unsigned forksBefore() { return __atomic_load_n(&forks, __ATOMIC_RELAXED); }

void noteForked() {
  __atomic_store_n(&forks, forks + 1, __ATOMIC_RELAXED);
  __atomic_store_n(&process, 0u, __ATOMIC_RELAXED);
}

uint64_t now() { return uint64_t(time(nullptr)); }

} // namespace cairn::platform
