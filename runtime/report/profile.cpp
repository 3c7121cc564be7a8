//===- profile.cpp - The heap profile as a file -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The file is a message `Profile` of pprof's format (profile.proto), not compressed:
//
//   text      a string of the table, before what refers to it; its number is its place
//   mapping   code that was loaded from a file, with the file's build id: pprof names its calls
//   function  a name that the process knew (heap/samples.h), with its file
//   location  a frame: an address in a mapping, or a function and a line
//   sample    a site: its frames and four values, and the size of its blocks as a label
//
// A message is a row of fields: number and kind, and a value or a length and bytes. All that has a
// length is small and is made in a buffer first. The number of a location is its address, or that
// of its name, which is less than any address.
//
// The estimate for a site whose blocks of s bytes were sampled at a rate: each stands for
// 1 / (1 - exp(-s / rate)) blocks (heap/sampling.h).
//
//===----------------------------------------------------------------------===//

#include "report/profile.h"

#include "cairn/host.h"
#include "heap/above.h"
#include "heap/profile.h"
#include "heap/samples.h"
#include "heap/sampling.h"
#include "report/dump.h"

namespace cairn {

namespace {

enum : unsigned { kVarint = 0, kBytes = 2 };
/// Fields of pprof's messages.
enum : unsigned {
  kSampleType = 1,
  kSample = 2,
  kMapping = 3,
  kLocation = 4,
  kFunction = 5,
  kText = 6,
  kTime = 9,
  kPeriodType = 11,
  kPeriod = 12,
  kComment = 13,
  kDefaultType = 14
};

/// A message, or a part of one, that is being made.
class Message {
public:
  void varint(uint64_t value) {
    for (; value > 127; value >>= 7)
      put(uint8_t(value | 128));
    put(uint8_t(value));
  }
  void field(unsigned number, uint64_t value) {
    varint(number << 3 | kVarint);
    varint(value);
  }
  /// What comes before a message that is a field of another.
  void head(unsigned number, size_t bytes) {
    varint(number << 3 | kBytes);
    varint(bytes);
  }
  void field(unsigned number, const Message &part) {
    head(number, part.Used);
    size_t room = sizeof(Data) - Used, bytes = part.Used < room ? part.Used : room;
    __builtin_memcpy(Data + Used, part.Data, bytes);
    Used += bytes;
  }
  const uint8_t *data() const { return Data; }
  size_t size() const { return Used; }

private:
  void put(uint8_t byte) {
    if (Used < sizeof(Data))
      Data[Used++] = byte;
  }
  uint8_t Data[1536]; // a sample has kMostFrames locations of 10 bytes, at most
  size_t Used = 0;
};
static_assert(kMostFrames * 10 + 128 < 1536);

/// Address space for some things, zeroed; gone with the scope.
template <typename T> class Room {
public:
  explicit Room(size_t count)
      : Bytes((count * sizeof(T) + platform::kPage - 1) & ~(platform::kPage - 1)),
        All(static_cast<T *>(platform::reserve(Bytes, platform::kPage))) {}
  ~Room() {
    if (All)
      platform::release(All, Bytes);
  }
  Room(const Room &) = delete;
  T *get() const { return All; }

private:
  size_t Bytes;
  T *All;
};

class Writer {
public:
  explicit Writer(platform::File &file) : File(file) { text(""); }

  uint64_t text(const char *text) {
    Message head;
    size_t n = __builtin_strlen(text);
    head.head(kText, n);
    File.bytes(head.data(), head.size()).bytes(text, n);
    return Texts++;
  }
  void put(unsigned field, const Message &message) {
    Message head;
    head.head(field, message.size());
    File.bytes(head.data(), head.size()).bytes(message.data(), message.size());
  }
  void put(unsigned field, uint64_t value) {
    Message whole;
    whole.field(field, value);
    File.bytes(whole.data(), whole.size());
  }
  Message valueType(const char *type, const char *unit) {
    Message message;
    message.field(1, text(type));
    message.field(2, text(unit));
    return message;
  }

private:
  platform::File &File;
  uint64_t Texts = 0;
};

void putMappings(Writer &to, const platform::LoadedCode *codes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const platform::LoadedCode &code = codes[i];
    char build[2 * sizeof(code.build) + 1];
    for (size_t k = 0; k < code.buildBytes; ++k) {
      build[2 * k] = "0123456789abcdef"[code.build[k] >> 4];
      build[2 * k + 1] = "0123456789abcdef"[code.build[k] & 15];
    }
    build[2 * code.buildBytes] = 0;
    Message mapping;
    mapping.field(1, i + 1);
    mapping.field(2, code.from);
    mapping.field(3, code.to);
    mapping.field(4, code.offset);
    mapping.field(5, to.text(code.file));
    mapping.field(6, to.text(build));
    to.put(kMapping, mapping);
  }
}

uint64_t locationOf(uintptr_t frame) { return frame & ~kIsName; }

void putLocation(Writer &to, uintptr_t frame, const platform::LoadedCode *codes, size_t count) {
  Message location;
  location.field(1, locationOf(frame));
  if (frame & kIsName) {
    const FrameName &name = frameName(frame);
    Message function, line;
    uint64_t called = to.text(name.function);
    function.field(1, locationOf(frame));
    function.field(2, called);
    function.field(3, called);
    function.field(4, to.text(name.file));
    to.put(kFunction, function);
    line.field(1, locationOf(frame));
    line.field(2, name.line);
    location.field(4, line);
  } else {
    uintptr_t call = frame - 1; // inside of the call that returns to the frame's address
    for (size_t i = 0; i < count; ++i)
      if (call - codes[i].from < codes[i].to - codes[i].from)
        location.field(2, i + 1);
    location.field(3, call);
  }
  to.put(kLocation, location);
}

/// Each frame that occurs, once.
bool putLocations(Writer &to, uint32_t sites, const platform::LoadedCode *codes, size_t count) {
  size_t frames = 0, room = 64;
  for (uint32_t i = 1; i <= sites; ++i)
    frames += profileSite(i).count;
  while (room < 2 * frames)
    room *= 2;
  Room<uintptr_t> known(room);
  if (!known.get())
    return false;
  for (uint32_t i = 1; i <= sites; ++i)
    for (uint32_t k = 0; k < profileSite(i).count; ++k) {
      uintptr_t frame = profileSite(i).frames[k];
      size_t at = size_t(frame * 0x9e3779b97f4a7c15u >> 20) & (room - 1);
      while (known.get()[at] && known.get()[at] != frame)
        at = (at + 1) & (room - 1);
      if (known.get()[at])
        continue;
      known.get()[at] = frame;
      putLocation(to, frame, codes, count);
    }
  return true;
}

void putSample(Writer &to, const ProfileSite &site, uint64_t sizeLabel, uint64_t bytesUnit) {
  uint64_t gone = __atomic_load_n(&site.gone, __ATOMIC_RELAXED);
  uint64_t made = __atomic_load_n(&site.made, __ATOMIC_RELAXED);
  uint64_t live = made > gone ? made - gone : 0;
  double weight = 1 / chance(double(site.size) / double(site.rate));
  Message sample, locations, values, label;
  for (uint32_t i = 0; i < site.count; ++i)
    locations.varint(locationOf(site.frames[i]));
  for (unsigned i = 0; i < 2; ++i) {
    double n = double(i ? live : made) * weight;
    values.varint(uint64_t(n + 0.5));
    values.varint(uint64_t(n * double(site.size) + 0.5));
  }
  label.field(1, sizeLabel);
  label.field(3, site.size);
  label.field(4, bytesUnit);
  sample.field(1, locations);
  sample.field(2, values);
  sample.field(3, label);
  to.put(kSample, sample);
}

int writeProfileAs(const char *name) {
  platform::File file(name);
  return writeProfile(file);
}

} // namespace

int writeProfile(platform::File &file) {
  constexpr size_t kMostCodes = 1024;
  constexpr int kNoMemory = 12; // ENOMEM
  Room<platform::LoadedCode> codes(kMostCodes);
  if (!codes.get())
    return kNoMemory;
  size_t count = platform::loadedCode(codes.get(), kMostCodes);
  uint32_t sites = profileSites();
  Writer to(file);
  to.put(kSampleType, to.valueType("alloc_objects", "count"));
  to.put(kSampleType, to.valueType("alloc_space", "bytes"));
  to.put(kSampleType, to.valueType("inuse_objects", "count"));
  to.put(kSampleType, to.valueType("inuse_space", "bytes"));
  to.put(kDefaultType, to.text("inuse_space"));
  to.put(kPeriodType, to.valueType("space", "bytes"));
  if (uint64_t rate =
          sites ? profileSite(sites).rate : __atomic_load_n(&profileRate, __ATOMIC_RELAXED))
    to.put(kPeriod, rate);
  to.put(kTime, platform::now() * 1000000000);
  if (uint64_t lost = lostSamples()) {
    Text text;
    text << "samples without memory to remember them: " << lost;
    to.put(kComment, to.text(text.text()));
  }
  putMappings(to, codes.get(), count);
  if (!putLocations(to, sites, codes.get(), count))
    return kNoMemory;
  uint64_t sizeLabel = to.text("bytes");
  for (uint32_t i = 1; i <= sites; ++i)
    putSample(to, profileSite(i), sizeLabel, sizeLabel);
  int error;
  file.finish(error);
  return error;
}

//===- The environment's wish ------------------------------------------------===//

namespace {

char wishedPattern[kLongestName];
bool wished;
unsigned wishedAfter; ///< Forks.

/// A child of a fork writes one only where the name tells the two apart.
void writeAtExit() {
  static char name[kLongestName];
  bool numbered = false;
  for (const char *c = wishedPattern; *c; ++c)
    numbered |= *c == '%' && c[1] == 'p';
  if (platform::forksBefore() != wishedAfter && !numbered)
    return;
  Text text;
  if (numbered && !platform::processId())
    text << "cairn: no heap profile: the system refuses the process's number\n";
  else if (!nextName(name, wishedPattern))
    text << "cairn: no heap profile: its name is longer than " << uint64_t(kLongestName - 1)
         << " bytes\n";
  else if (defaultHeap() && defaultHeap()->checked)
    text << "cairn: no heap profile: the heaps are checked, and such heaps are not sampled\n";
  else if (int error = writeProfileAs(name))
    text << "cairn: no heap profile in " << static_cast<const char *>(name) << ": error "
         << uint32_t(error) << " of the system (" << platform::errorText(error) << ")\n";
  else
    text << "cairn: heap profile in " << static_cast<const char *>(name) << "\n";
  text.flush();
}

} // namespace

const char *wishedProfile() {
  const char *wish = platform::environment("CAIRN_PROFILE");
  return wish && *wish ? wish : nullptr;
}

void watchProfile() {
  if (const char *wish = wishedProfile())
    profileProcess(wish, "CAIRN_PROFILE=");
}

bool profileProcess(const char *wish, const char *asked) {
  // What follows the last colon is the rate, unless that colon is in a folder's name.
  size_t n = __builtin_strlen(wish), digits = n;
  uint64_t rate = 0;
  while (digits && wish[digits - 1] != ':' && wish[digits - 1] != '/')
    --digits;
  bool rated = digits && wish[digits - 1] == ':';
  for (size_t i = digits; rated && i < n; ++i) {
    bool isDigit = wish[i] >= '0' && wish[i] <= '9';
    rate = !isDigit || rate > kMostProfileRate ? ~uint64_t(0) : rate * 10 + uint64_t(wish[i] - '0');
  }
  size_t length = rated ? digits - 1 : n;
  Text text;
  if (rated && (!rate || rate > kMostProfileRate))
    text << "cairn: " << asked << wish << ": the rate is a number of bytes from 1 to "
         << kMostProfileRate << "\n";
  else if (!length || length >= kLongestName)
    text << "cairn: " << asked << wish << ": the name of the file is "
         << (length ? "too long\n" : "missing\n");
  if (*text.text()) {
    text.flush();
    return false;
  }
  if (!wished)
    platform::atExit(writeAtExit);
  __builtin_memcpy(wishedPattern, wish, length);
  wishedPattern[length] = 0;
  wished = true;
  wishedAfter = platform::forksBefore();
  platform::processId(); // for the name
  setProfileRate(rated ? rate : kUsualProfileRate);
  return true;
}

} // namespace cairn

using namespace cairn;

namespace {
bool told(int error) {
  if (error)
    platform::setError(error);
  return !error;
}
constexpr int kInvalid = 22, kNotSupported = 95; // EINVAL, ENOTSUP
} // namespace

extern "C" {

CAIRN_API bool cairn_profile_start(size_t rate) {
  if (rate > kMostProfileRate)
    return told(kInvalid);
  Heap *heap = defaultHeap();
  if (heap && heap->checked)
    return told(kNotSupported);
  platform::prepareStacks();
  setProfileRate(rate ? rate : kUsualProfileRate);
  return true;
}

CAIRN_API void cairn_host_name_code(cairn_host_namer namer) {
  __atomic_store_n(&hostNamer, namer, __ATOMIC_RELEASE);
}

CAIRN_API void cairn_profile_stop(void) { setProfileRate(0); }

CAIRN_API bool cairn_profile_write(const char *name) {
  return told(name ? writeProfileAs(name) : kInvalid);
}

CAIRN_API bool cairn_profile_write_to(int descriptor) {
  platform::File file(descriptor);
  return told(writeProfile(file));
}

} // extern "C"
