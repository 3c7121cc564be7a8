//===- frames.cpp - What unwind tables say of a frame, on x86-64 -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A file's tables are found by its program header PT_GNU_EH_FRAME:
//
//   header      [version][three encodings][where the tables are][n] and n pairs, in order:
//               [start of a function, its entry], both as distances from the header
//
//   entry (FDE)
//               [length][distance back to its common part][start][bytes of code][instructions]
//
//   common part (CIE)
//               [length][0][version][augmentation][factors][instructions]
//
// The instructions build a row of rules, which is as it is at the address that is asked for when
// the next one would begin behind it. Entries of code that was made at run time are asked of the
// compiler's unwinder, where they are registered, if the process has one.
//
//===----------------------------------------------------------------------===//

#if defined(__x86_64__)

#include "platform/frames.h"

#include "platform/loaded.h"

#include <dlfcn.h>
#include <string.h>

#if defined(DLFO_STRUCT_HAS_EH_DBASE)
#pragma weak _dl_find_object
#endif

extern "C" {
/// What the compiler's unwinder says beside an entry.
struct cairn_entry_bases {
  void *text, *data, *function;
};
__attribute__((weak)) const void *_Unwind_Find_FDE(void *code, struct cairn_entry_bases *bases);
}

namespace cairn::platform {

namespace {

/// DWARF's numbers of registers.
constexpr uint64_t kBp = 6, kSp = 7, kReturn = 16;

/// Reads bytes up to an end. Behind it, all reads as 0, and `good` says so.
class Reader {
public:
  Reader(const uint8_t *at, const uint8_t *end) : At(at), End(end) {}
  bool more() const { return At < End; }
  template <typename T> T fixed() {
    T value = 0;
    if (size_t(End - At) < sizeof(T)) {
      fail();
      return 0;
    }
    __builtin_memcpy(&value, At, sizeof(T));
    At += sizeof(T);
    return value;
  }
  uint64_t unsignedNumber() {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      auto byte = fixed<uint8_t>();
      if (shift < 64)
        value |= uint64_t(byte & 127) << shift;
      if (byte < 128)
        return value;
    }
  }
  int64_t signedNumber() {
    uint64_t value = 0;
    for (unsigned shift = 0;;) {
      auto byte = fixed<uint8_t>();
      if (shift < 64)
        value |= uint64_t(byte & 127) << shift;
      shift += 7;
      if (byte >= 128)
        continue;
      if (byte & 64 && shift < 64)
        value |= ~uint64_t(0) << shift;
      return int64_t(value);
    }
  }
  void skip(uint64_t bytes) {
    if (bytes > size_t(End - At))
      fail();
    else
      At += bytes;
  }
  const char *text() {
    const uint8_t *from = At;
    while (fixed<uint8_t>())
      ;
    return reinterpret_cast<const char *>(from);
  }
  void fail() {
    good = false;
    At = End;
  }
  const uint8_t *at() const { return At; }
  const uint8_t *end() const { return End; }
  bool good = true;

private:
  const uint8_t *At, *End;
};

/// An address in one of the tables' encodings; what occurs in none of x86-64 fails.
uintptr_t readAddress(Reader &from, uint8_t encoding) {
  auto base = reinterpret_cast<uintptr_t>(from.at());
  uint64_t value = 0;
  switch (encoding & 0x0f) {
  case 0x00:
  case 0x04:
  case 0x0c:
    value = from.fixed<uint64_t>();
    break;
  case 0x03:
    value = from.fixed<uint32_t>();
    break;
  case 0x0b:
    value = uint64_t(int64_t(from.fixed<int32_t>()));
    break;
  default:
    from.fail();
  }
  switch (encoding & 0xf0) {
  case 0x00:
    return value;
  case 0x10: // from where it stands
    return base + value;
  default:
    from.fail();
    return 0;
  }
}

/// The row of rules, as far as it matters.
struct Row {
  uint64_t cfaRegister = 0;
  int64_t cfaOffset = 0;
  const uint8_t *cfaExpression = nullptr; ///< Its length first.
  enum Rule : uint8_t { kSame, kOffset, kExpression, kOther, kUndefined };
  struct {
    Rule rule = kSame;
    int64_t offset = 0;
    const uint8_t *expression = nullptr;
  } bp, returns;
};

/// `[DW_OP_breg6 offset]`, and behind it `then` and no more: the base pointer plus an offset.
bool readByBase(const uint8_t *expression, const uint8_t *end, int then, int64_t &offset) {
  Reader from(expression, end);
  uint64_t bytes = from.unsignedNumber();
  if (!from.good || bytes > size_t(end - from.at()))
    return false;
  Reader in(from.at(), from.at() + bytes);
  if (in.fixed<uint8_t>() != 0x70 + kBp)
    return false;
  offset = in.signedNumber();
  if (then >= 0 && in.fixed<uint8_t>() != then)
    return false;
  return in.good && !in.more();
}

struct Common {
  uint64_t codeFactor = 0;
  int64_t dataFactor = 0;
  uint8_t encoding = 0;
  bool augmented = false, signal = false;
  Reader instructions{nullptr, nullptr};
};

/// Length and end of an entry or a common part; false for what has none, or more than 4 GiB.
bool open(const uint8_t *at, Reader &in) {
  uint32_t length;
  __builtin_memcpy(&length, at, sizeof length);
  if (!length || length == 0xffffffff)
    return false;
  in = Reader(at + sizeof length, at + sizeof length + length);
  return true;
}

bool readCommon(const uint8_t *at, Common &common) {
  Reader in(nullptr, nullptr);
  if (!open(at, in) || in.fixed<uint32_t>() != 0)
    return false;
  auto version = in.fixed<uint8_t>();
  const char *augmentation = in.text();
  common.codeFactor = in.unsignedNumber();
  common.dataFactor = in.signedNumber();
  uint64_t returns = version == 1 ? in.fixed<uint8_t>() : in.unsignedNumber();
  if ((version != 1 && version != 3) || returns != kReturn || !in.good)
    return false;
  if (*augmentation == 'z') {
    common.augmented = true;
    uint64_t bytes = in.unsignedNumber();
    Reader data(in.at(), in.end());
    in.skip(bytes);
    for (const char *letter = augmentation + 1; *letter && data.good; ++letter)
      switch (*letter) {
      case 'R':
        common.encoding = data.fixed<uint8_t>();
        break;
      case 'P':
        readAddress(data, data.fixed<uint8_t>() & 0x7f); // may be the address of an address
        break;
      case 'L':
        data.fixed<uint8_t>();
        break;
      case 'S':
        common.signal = true;
        break;
      default:
        return false;
      }
    if (!data.good)
      return false;
  } else if (*augmentation) {
    return false;
  }
  common.instructions = in;
  return in.good;
}

/// Follows instructions up to the row for a code address, `code` - `from` bytes into a function.
class Rows {
public:
  Rows(const Common &common, uintptr_t from, uintptr_t code)
      : Common_(common), Location(from), Code(code) {}
  Row row;
  bool follow(Reader in, const Row *initial) {
    while (in.more()) {
      auto byte = in.fixed<uint8_t>();
      switch (byte & 0xc0) {
      case 0x40: // advance
        if (!advance(byte & 0x3f))
          return true;
        continue;
      case 0x80: // saved at an offset
        save(byte & 0x3f, Row::kOffset, int64_t(in.unsignedNumber()) * Common_.dataFactor);
        continue;
      case 0xc0: // as in the common part
        restore(byte & 0x3f, initial);
        continue;
      }
      if (bool done = false; !other(byte, in, initial, done) || done)
        return done;
    }
    return in.good;
  }

private:
  static constexpr unsigned kDepth = 8;

  /// False: the row that was wanted is complete.
  bool advance(uint64_t by) {
    Location += by * Common_.codeFactor;
    return Location <= Code;
  }
  void save(uint64_t number, Row::Rule rule, int64_t offset, const uint8_t *expression = nullptr) {
    if (number == kBp)
      row.bp = {rule, offset, expression};
    else if (number == kReturn)
      row.returns = {rule, offset, expression};
    else if (number == kSp)
      row.cfaRegister = ~uint64_t(0), row.cfaExpression = nullptr; // signals' only
  }
  void restore(uint64_t number, const Row *initial) {
    if (number == kBp)
      row.bp = initial ? initial->bp : Row().bp;
    else if (number == kReturn)
      row.returns = initial ? initial->returns : Row().returns;
  }
  const uint8_t *expression(Reader &in) {
    const uint8_t *at = in.at();
    in.skip(in.unsignedNumber());
    return at;
  }
  void byRegister(uint64_t number, int64_t offset) {
    row.cfaRegister = number;
    row.cfaOffset = offset;
    row.cfaExpression = nullptr;
  }

  /// The instructions of a whole byte. `done`: the row is complete.
  bool other(uint8_t byte, Reader &in, const Row *initial, bool &done) {
    uint64_t number;
    switch (byte) {
    case 0x00: // nothing
      break;
    case 0x02:
      done = !advance(in.fixed<uint8_t>());
      break;
    case 0x03:
      done = !advance(in.fixed<uint16_t>());
      break;
    case 0x04:
      done = !advance(in.fixed<uint32_t>());
      break;
    case 0x05:
      number = in.unsignedNumber();
      save(number, Row::kOffset, int64_t(in.unsignedNumber()) * Common_.dataFactor);
      break;
    case 0x06:
      restore(in.unsignedNumber(), initial);
      break;
    case 0x07:
      save(in.unsignedNumber(), Row::kUndefined, 0);
      break;
    case 0x08:
      save(in.unsignedNumber(), Row::kSame, 0);
      break;
    case 0x09: // in another register
      save(in.unsignedNumber(), Row::kOther, 0);
      in.unsignedNumber();
      break;
    case 0x0a:
      if (Depth == kDepth)
        return false;
      Remembered[Depth++] = row;
      break;
    case 0x0b:
      if (!Depth)
        return false;
      row = Remembered[--Depth];
      break;
    case 0x0c:
      number = in.unsignedNumber();
      byRegister(number, int64_t(in.unsignedNumber()));
      break;
    case 0x0d:
      byRegister(in.unsignedNumber(), row.cfaOffset);
      break;
    case 0x0e:
      row.cfaOffset = int64_t(in.unsignedNumber());
      break;
    case 0x0f:
      row.cfaExpression = expression(in);
      break;
    case 0x10:
      number = in.unsignedNumber();
      save(number, Row::kExpression, 0, expression(in));
      break;
    case 0x11:
      number = in.unsignedNumber();
      save(number, Row::kOffset, in.signedNumber() * Common_.dataFactor);
      break;
    case 0x12:
      number = in.unsignedNumber();
      byRegister(number, in.signedNumber() * Common_.dataFactor);
      break;
    case 0x13:
      row.cfaOffset = in.signedNumber() * Common_.dataFactor;
      break;
    case 0x14:
    case 0x15: // a value, not where one was saved
      save(in.unsignedNumber(), Row::kOther, 0);
      in.unsignedNumber();
      break;
    case 0x16:
      save(in.unsignedNumber(), Row::kOther, 0);
      expression(in);
      break;
    case 0x2e: // bytes of arguments
      in.unsignedNumber();
      break;
    default:
      return false;
    }
    return in.good;
  }

  const Common &Common_;
  uintptr_t Location, Code;
  Row Remembered[kDepth];
  unsigned Depth = 0;
};

constexpr int64_t kFarthest = int64_t(1) << 27;
bool isNear(int64_t offset) { return offset > -kFarthest && offset < kFarthest; }

FrameRule ruleOf(const Row &row, const uint8_t *end) {
  FrameRule rule = {FrameRule::kUnknown, FrameRule::kKept, 0, 0};
  if (row.returns.rule == Row::kUndefined) {
    rule.kind = FrameRule::kEnd;
    return rule;
  }
  if (row.returns.rule != Row::kOffset || row.returns.offset != -8)
    return rule;
  int64_t bp = row.bp.offset, cfa = row.cfaOffset;
  switch (row.bp.rule) {
  case Row::kSame:
  case Row::kUndefined: // nobody uses it
    bp = 0;
    break;
  case Row::kOffset:
    rule.saved = FrameRule::kAtCfa;
    break;
  case Row::kExpression:
    if (!readByBase(row.bp.expression, end, -1, bp))
      return rule;
    rule.saved = FrameRule::kAtBase;
    break;
  case Row::kOther:
    return rule;
  }
  constexpr int kLoad = 0x06;
  FrameRule::Kind kind = FrameRule::kUnknown;
  if (row.cfaExpression)
    kind = readByBase(row.cfaExpression, end, kLoad, cfa) ? FrameRule::kAtBp : kind;
  else if (row.cfaRegister == kSp || row.cfaRegister == kBp)
    kind = row.cfaRegister == kSp ? FrameRule::kBySp : FrameRule::kByBp;
  if (!isNear(cfa) || !isNear(bp))
    return rule;
  rule.kind = kind;
  rule.cfa = int32_t(cfa);
  rule.bp = int32_t(bp);
  return rule;
}

/// mov $15, %rax; syscall: where a handler of a signal returns to. Its tables begin a byte before.
bool endsHandler(uintptr_t code) {
  static constexpr uint8_t bytes[] = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};
  return !memcmp(reinterpret_cast<const void *>(code), bytes, sizeof bytes);
}

/// The file that an address of code was loaded from.
struct File {
  uintptr_t code, from, to;    ///< `to`: 0 if there is none.
  const uint8_t *header, *end; ///< Of its tables; null: it has none.
};

int findFile(struct dl_phdr_info *info, size_t, void *data) {
  auto *file = static_cast<File *>(data);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto &part = info->dlpi_phdr[i];
    uintptr_t from = info->dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_LOAD && file->code - from < part.p_memsz)
      file->from = from, file->to = from + part.p_memsz;
  }
  for (int i = 0; i < info->dlpi_phnum && file->to; ++i)
    if (const auto &part = info->dlpi_phdr[i]; part.p_type == PT_GNU_EH_FRAME) {
      file->header = reinterpret_cast<const uint8_t *>(info->dlpi_addr + part.p_vaddr);
      file->end = file->header + part.p_memsz;
    }
  return file->to != 0;
}

File fileOf(uintptr_t code) {
  File file = {code, 0, 0, nullptr, nullptr};
#if defined(DLFO_STRUCT_HAS_EH_DBASE) // since glibc 2.35: takes no lock
  if (_dl_find_object) {
    struct dl_find_object found;
    if (_dl_find_object(reinterpret_cast<void *>(code), &found) == 0) {
      file.from = reinterpret_cast<uintptr_t>(found.dlfo_map_start);
      file.to = reinterpret_cast<uintptr_t>(found.dlfo_map_end);
      file.header = static_cast<const uint8_t *>(found.dlfo_eh_frame);
      file.end = reinterpret_cast<const uint8_t *>(file.to);
    }
    return file;
  }
#endif
  eachFile(findFile, &file);
  return file;
}

void readTables(const File &file, FrameTables &tables) {
  tables = FrameTables();
  tables.from = file.from;
  tables.to = file.to;
  if (!file.header)
    return;
  Reader in(file.header, file.end);
  auto version = in.fixed<uint8_t>(), where = in.fixed<uint8_t>(), number = in.fixed<uint8_t>(),
       pairs = in.fixed<uint8_t>();
  constexpr uint8_t kFourBytes = 0x03, kFromHeader = 0x3b;
  if (version == 1 && number == kFourBytes && pairs == kFromHeader) {
    readAddress(in, where);
    tables.count = in.fixed<uint32_t>();
    tables.header = file.header;
    tables.pairs = reinterpret_cast<const FrameTables::Pair *>(in.at());
    tables.isRead = in.good && tables.count <= size_t(file.end - in.at()) / sizeof *tables.pairs;
  } else {
    tables.isRead = false;
  }
  if (!tables.isRead)
    tables.count = 0;
}

/// The last entry that begins at an address of code or before it.
const uint8_t *searchTables(const FrameTables &tables, uintptr_t code) {
  auto wanted = intptr_t(code - reinterpret_cast<uintptr_t>(tables.header));
  const FrameTables::Pair *first = tables.pairs;
  // What is left to look at is [first, first + n), and where it begins is not behind the code.
  size_t n = tables.count;
  if (!n || first->function > wanted)
    return nullptr;
  while (n > 1) {
    size_t half = n / 2;
    first += first[half].function <= wanted ? half : 0;
    n -= half;
  }
  return tables.header + first->entry;
}

} // namespace

FrameEntry findEntry(uintptr_t code, FrameTables &tables) {
  if (code - tables.from >= tables.to - tables.from)
    readTables(fileOf(code), tables);
  FrameEntry entry = {nullptr, 0, tables.isRead};
  cairn_entry_bases bases;
  if (tables.to)
    entry.at = searchTables(tables, code);
  else if (_Unwind_Find_FDE)
    entry.at =
        static_cast<const uint8_t *>(_Unwind_Find_FDE(reinterpret_cast<void *>(code), &bases));
  Reader in(nullptr, nullptr);
  if (entry.at && !open(entry.at, in))
    return {nullptr, 0, false};
  entry.bytes = uint32_t(in.end() - entry.at);
  return entry;
}

FrameRule readRule(const FrameEntry &entry, uintptr_t code) {
  constexpr FrameRule kUnknown = {FrameRule::kUnknown, FrameRule::kKept, 0, 0};
  constexpr FrameRule kEnd = {FrameRule::kEnd, FrameRule::kKept, 0, 0};
  if (!entry.at)
    return entry.isRead ? kEnd : kUnknown;
  const uint8_t *at = entry.at + sizeof(uint32_t);
  Reader in(at, entry.at + entry.bytes);
  auto back = in.fixed<uint32_t>();
  Common common;
  if (!back || !readCommon(at - back, common))
    return kUnknown;
  uintptr_t from = readAddress(in, common.encoding);
  uintptr_t bytes = readAddress(in, common.encoding & 0x0f);
  if (common.augmented)
    in.skip(in.unsignedNumber());
  if (!in.good)
    return kUnknown;
  if (code - from >= bytes)
    return kEnd;
  if (common.signal)
    return {endsHandler(code + 1) ? FrameRule::kSignal : FrameRule::kUnknown, FrameRule::kKept, 0,
            0};
  Rows rows(common, from, code);
  // The common part's row holds from the start on.
  if (!rows.follow(common.instructions, nullptr))
    return kUnknown;
  Row initial = rows.row;
  if (!rows.follow(in, &initial))
    return kUnknown;
  const uint8_t *end = in.end();
  return ruleOf(rows.row, end > common.instructions.end() ? end : common.instructions.end());
}

} // namespace cairn::platform

#endif
