//===- symbolize.cpp - Names for addresses, on Linux -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The debug information of the process is read by a program of LLVM's, which is started for each
// question. That takes some 50 ms, so a process that goes on after a mistake has to ask for it.
//
//===----------------------------------------------------------------------===//

#if !defined(__wasm__)

#include "platform/file.h"
#include "platform/loaded.h"
#include "platform/system_call.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#pragma weak dladdr
#pragma weak dl_iterate_phdr

extern "C" char **__environ; // a program may have a variable named environ

namespace cairn::platform {

void eachFile(int (*call)(struct dl_phdr_info *, size_t, void *), void *data) {
  if (dl_iterate_phdr) {
    dl_iterate_phdr(call, data);
    return;
  }
  struct dl_phdr_info info = {};
  info.dlpi_phdr = reinterpret_cast<const ElfW(Phdr) *>(getauxval(AT_PHDR));
  info.dlpi_phnum = ElfW(Half)(getauxval(AT_PHNUM));
  for (int i = 0; i < info.dlpi_phnum; ++i)
    if (const auto &part = info.dlpi_phdr[i]; part.p_type == PT_PHDR)
      info.dlpi_addr = reinterpret_cast<uintptr_t>(info.dlpi_phdr) - part.p_vaddr;
  if (info.dlpi_phdr)
    call(&info, sizeof info, data);
}

ThreadId threadId() {
  auto id = unsigned(systemCall(SYS_gettid));
  return {id, id == unsigned(getpid())};
}

namespace {

/// The file that an address was loaded from, and its address there.
struct Place {
  uintptr_t address;
  char file[512];
  uintptr_t offset;
  bool found;
};

/// The file that the program or a library was loaded from.
void nameFile(const struct dl_phdr_info *info, char *file, size_t room) {
  if (info->dlpi_name && *info->dlpi_name) {
    snprintf(file, room, "%s", info->dlpi_name);
    return;
  }
  long n = readLink("/proc/self/exe", file, room - 1);
  file[n > 0 ? n : 0] = 0;
}

int look(struct dl_phdr_info *info, size_t, void *data) {
  auto *place = static_cast<Place *>(data);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto &part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || place->address - (info->dlpi_addr + part.p_vaddr) >= part.p_memsz)
      continue;
    place->found = true;
    place->offset = place->address - info->dlpi_addr;
    nameFile(info, place->file, sizeof(place->file));
    return 1;
  }
  return 0;
}

/// The program that is asked; empty: none.
void findProgram(char *path, size_t room, bool usual) {
  *path = 0;
  if (const char *wish = environment("CAIRN_SYMBOLIZER")) {
    if (strcmp(wish, "0") != 0)
      snprintf(path, room, "%s", wish);
    return;
  }
  if (!usual)
    return;
  static constexpr const char *names[] = {"llvm-symbolizer", "llvm-symbolizer-22",
                                          "llvm-symbolizer-19"};
  const char *all = environment("PATH");
  for (const char *name : names)
    for (const char *at = all; at && *at;) {
      const char *end = strchrnul(at, ':');
      snprintf(path, room, "%.*s/%s", int(end - at), at, name);
      if (isProgram(path))
        return;
      at = *end ? end + 1 : end;
    }
  *path = 0;
}

/// What the program writes, at most `room` bytes with a 0; empty if it fails.
void ask(char *const *command, char *answer, size_t room) {
  *answer = 0;
  int ends[2];
  if (makePipe(ends))
    return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  // It is no part of what is looked at.
  const char *without[] = {"LD_PRELOAD=",  "CAIRN_CHECK=", "CAIRN_GUARD=",
                           "CAIRN_LEAKS=", "CAIRN_DUMP",   "CAIRN_PROFILE="};
  char *variables[512];
  size_t n = 0;
  for (char **at = __environ; at && *at && n < 511; ++at) {
    bool keep = true;
    for (const char *name : without)
      keep &= strncmp(*at, name, strlen(name)) != 0;
    if (keep)
      variables[n++] = *at;
  }
  variables[n] = nullptr;
  pid_t child;
  int failed = posix_spawn(&child, command[0], &actions, nullptr, command, variables);
  posix_spawn_file_actions_destroy(&actions);
  closeFile(ends[1]);
  size_t have = 0;
  constexpr int kPatience = 20000; // milliseconds
  while (!failed && have + 1 < room && waitFor(ends[0], kPatience)) {
    long got = readFile(ends[0], answer + have, room - 1 - have);
    if (got <= 0)
      break;
    have += size_t(got);
  }
  answer[have] = 0;
  closeFile(ends[0]);
  int status;
  while (!failed && waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
}

/// The last parts of a path are enough.
const char *shortPath(const char *path) {
  const char *at = path + strlen(path);
  for (int parts = 0; at > path; --at)
    if (at[-1] == '/' && ++parts == 2)
      return at;
  return path;
}

} // namespace

void eachGlobal(void (*part)(uintptr_t, uintptr_t)) {
  eachFile(
      [](struct dl_phdr_info *info, size_t, void *data) {
        auto call = *static_cast<void (**)(uintptr_t, uintptr_t)>(data);
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto &at = info->dlpi_phdr[i];
          if (at.p_type != PT_LOAD || !(at.p_flags & PF_W))
            continue;
          // What was made read-only at the start is so from its first page on.
          uintptr_t from = info->dlpi_addr + at.p_vaddr, to = from + at.p_memsz;
          for (int k = 0; k < info->dlpi_phnum; ++k)
            if (const auto &fixed = info->dlpi_phdr[k]; fixed.p_type == PT_GNU_RELRO)
              if (uintptr_t end = info->dlpi_addr + fixed.p_vaddr + fixed.p_memsz;
                  end > from && end <= to)
                from = end;
          call(from, to);
        }
        return 0;
      },
      &part);
}

void eachWritable(void (*part)(uintptr_t, uintptr_t, Memory)) {
  int file = openFile("/proc/self/maps", O_RDONLY);
  if (file < 0)
    return;
  // Read as a whole first: what is called may change it.
  constexpr size_t kRoom = size_t(4) << 20;
  auto *text = static_cast<char *>(reserve(kRoom, kPage));
  size_t have = 0;
  for (long n; text && have + 1 < kRoom && (n = readFile(file, text + have, kRoom - 1 - have)) > 0;)
    have += size_t(n);
  closeFile(file);
  uintptr_t guardEnd = 0;
  for (char *line = text, *next; line && *line; line = next) {
    next = strchr(line, '\n');
    if (next)
      *next++ = 0;
    else
      next = line + strlen(line);
    unsigned long from, to, inode;
    char rights[8] = "";
    int name = 0;
    if (sscanf(line, "%lx-%lx %7s %*s %*s %lu %n", &from, &to, rights, &inode, &name) < 4)
      continue;
    // Below a thread's stack there are some pages that nobody may touch.
    if (strncmp(rights, "---", 3) == 0)
      guardEnd = to - from <= 65536 ? to : 0;
    if (rights[0] != 'r' || rights[1] != 'w' || inode)
      continue;
    const char *what = name ? line + name : "";
    if (*what && strncmp(what, "[heap]", 6) != 0 && strncmp(what, "[stack", 6) != 0 &&
        strncmp(what, "[anon", 5) != 0)
      continue;
    // A sanitizer's shadow of the whole address space: to read it takes for ever.
    if (isSanitized() && to - from > size_t(64) << 30)
      continue;
    part(from, to,
         strncmp(what, "[stack", 6) == 0 || from == guardEnd ? Memory::Stack : Memory::Other);
  }
  if (text)
    release(text, kRoom);
}

void endWith(int status) {
  fflush(nullptr);
  _exit(status);
}

bool moduleAt(const void *address, char *name, size_t room, uintptr_t &offset) {
  Place place = {reinterpret_cast<uintptr_t>(address), {}, 0, false};
  eachFile(look, &place);
  if (!place.found)
    return false;
  snprintf(name, room, "%s", place.file);
  offset = place.offset;
  return true;
}

namespace {
struct Codes {
  LoadedCode *all;
  size_t count, most;
};

/// Finds the build id among the notes of a file.
void findBuild(LoadedCode &code, const struct dl_phdr_info *info) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto &part = info->dlpi_phdr[i];
    if (part.p_type != PT_NOTE)
      continue;
    auto *at = reinterpret_cast<const char *>(info->dlpi_addr + part.p_vaddr);
    for (size_t left = part.p_memsz; left >= sizeof(ElfW(Nhdr));) {
      auto *note = reinterpret_cast<const ElfW(Nhdr) *>(at);
      size_t name = (size_t(note->n_namesz) + 3) & ~size_t(3);
      size_t bytes = sizeof(*note) + name + ((size_t(note->n_descsz) + 3) & ~size_t(3));
      if (bytes > left)
        break;
      const char *text = at + sizeof(*note);
      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(text, "GNU", 4) == 0 &&
          note->n_descsz <= sizeof(code.build)) {
        memcpy(code.build, text + name, note->n_descsz);
        code.buildBytes = note->n_descsz;
        return;
      }
      at += bytes;
      left -= bytes;
    }
  }
}

int addCode(struct dl_phdr_info *info, size_t, void *data) {
  auto *codes = static_cast<Codes *>(data);
  for (int i = 0; i < info->dlpi_phnum && codes->count < codes->most; ++i) {
    const auto &part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || !(part.p_flags & PF_X))
      continue;
    LoadedCode &code = codes->all[codes->count++];
    code.from = info->dlpi_addr + part.p_vaddr;
    code.to = code.from + part.p_memsz;
    code.offset = part.p_offset;
    code.buildBytes = 0;
    nameFile(info, code.file, sizeof(code.file));
    findBuild(code, info);
  }
  return 0;
}
} // namespace

size_t loadedCode(LoadedCode *all, size_t most) {
  Codes codes = {all, 0, most};
  eachFile(addCode, &codes);
  return codes.count;
}

void nameAddress(const void *address, bool code, bool ends, char *text, size_t room) {
  *text = 0;
  int before = errno;
  Place place = {reinterpret_cast<uintptr_t>(address), {}, 0, false};
  eachFile(look, &place);
  if (!place.found)
    return;
  char program[512];
  findProgram(program, sizeof(program), ends);
  if (*program) {
    char question[800], answer[2048];
    snprintf(question, sizeof(question), "%s\"%s\" 0x%zx", code ? "" : "DATA ", place.file,
             size_t(place.offset));
    char quiet[] = "--no-inlines", demangle[] = "--demangle";
    char *command[] = {program, quiet, demangle, question, nullptr};
    ask(command, answer, sizeof(answer));
    char *name = answer, *end = strchr(name, '\n');
    if (end && *name != '?') {
      *end = 0;
      char *where = end + 1;
      if ((end = strchr(where, '\n')))
        *end = 0;
      if (code && *where && *where != '?')
        snprintf(text, room, "%s (%s)", name, shortPath(where));
      else
        snprintf(text, room, "%s", name);
    }
  }
  Dl_info info;
  if (!*text && dladdr && dladdr(address, &info) && info.dli_sname)
    snprintf(text, room, "%s", info.dli_sname);
  if (!*text)
    snprintf(text, room, "0x%zx of %s", size_t(place.offset), shortPath(place.file));
  errno = before;
}

} // namespace cairn::platform

#endif
