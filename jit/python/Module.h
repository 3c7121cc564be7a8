//===- Module.h - What the parts of the Python module share -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   Core      owns one cairn_heap, and exports its region as a buffer: NumPy's
//             views keep the core alive, not the manager
//   Manager   what Python calls MemoryManager; refers to its core until closed
//   Jit, JitFunction   keep their manager; a manager only counts them
//
// Threat: every integer that Python passes may be anything. A pointer is an offset
// from the region's base; `find` turns it into a block by what the runtime's records
// say, which lie outside the region, and clamps what the block's own header says.
// What is in the region may be anything too, once there was a view of it.
//
// Whatever runs Python's code (converting an argument, making an object that the
// collector tracks, raising an exception, dropping a reference) may close, reset or
// change the heap. So a call converts all its arguments first, then looks up, and
// uses nothing that it had looked up after such a step.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PYTHON_MODULE_H
#define CAIRN_PYTHON_MODULE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "Compat.h"
#include "heap/origin.h"
#include "object/container.h"

#include <cstdint>
#include <string>

namespace cairn::python {

static_assert(sizeof(long) == sizeof(int64_t), "PyLong_FromLong is the fast way to an int");

struct Sessions;

struct Manager;

struct Core {
  PyObject_HEAD Heap *heap;
  Py_ssize_t exports; ///< Buffers handed out, the manager's own among them.
  Manager *manager;   ///< Null once it closed; told when a view is handed out.
};

struct Manager {
  PyObject_HEAD Heap *heap; ///< Null once closed.
  uintptr_t base;
  size_t size;
  size_t quick; ///< The size, or 0 where no offset takes the short way (Fast.h).
  bool plain;   ///< Allocation may take it.
  Core *core;
  PyObject *memory;    ///< The array over the region, once asked for.
  PyObject *top;       ///< The array over the used bytes, once asked for.
  Py_ssize_t sessions; ///< JIT sessions that are open.
  Sessions *guard;     ///< Sessions whose code may run in drops.
  unsigned running;    ///< Calls in which such code may run just now.
  bool checked;
};

extern PyTypeObject *ManagerType, *CoreType, *TopType, *JitType, *FunctionType;
extern PyObject *HeapError, *IRError;

/// Keeps a manager's region for as long as memory in it is used.
class Keep {
public:
  explicit Keep(const Manager *m) : Held(reinterpret_cast<PyObject *>(m->core)) {
    Py_XINCREF(Held);
  }
  Keep(const Keep &) = delete;
  ~Keep() { Py_XDECREF(Held); }

private:
  PyObject *Held;
};

inline cairn_heap *handle(const Manager *m) { return reinterpret_cast<cairn_heap *>(m->heap); }

//===- Errors.cpp ---------------------------------------------------------===//

/// Takes over the runtime's error handler: what it reports becomes an exception.
void catchErrors();
/// Whether the runtime reported something in this thread since it was last raised.
extern __thread bool anyReported __attribute__((tls_model("initial-exec")));
bool raiseReportedNow(const Manager *m);
/// Ends a heap. What it finds wrong when it looks at itself for the last time goes to
/// sys.unraisablehook: no call is there to raise it.
void destroyHeap(Heap *heap);
/// What is said of an object whose header is not the runtime's any more.
constexpr const char *kSpoilt = "its header was written over";
inline const char *plural(uint64_t n) { return n == 1 ? "" : "s"; }
/// An offset as messages show it.
struct OffsetText {
  explicit OffsetText(uint64_t at);
  char text[40];
};
/// Raises what the runtime reported; true if it did.
inline bool raiseReported(const Manager *m) {
  return CAIRN_UNLIKELY(anyReported) && raiseReportedNow(m);
}
/// Each raises and returns null. `at` is an offset. With a manager whose heap is checked, the
/// message says who made and released the block there.
PyObject *heapError(const char *what, uint64_t at, const Manager *m = nullptr);
/// The same with these lines.
PyObject *heapErrorWith(const char *what, uint64_t at, const std::string &lines);
PyObject *closedError();
/// PyErr_Format has fewer formats than C's.
__attribute__((format(printf, 2, 3))) PyObject *raise(PyObject *type, const char *format, ...);
PyObject *exhausted(const Manager *m, uint64_t request);

//===- Places.cpp ---------------------------------------------------------===//

/// For as long as it lives, what the runtime makes and releases in this thread is made and released
/// by the Python code that is running now. Nothing in a heap that is not checked.
class PythonCall {
public:
  explicit PythonCall(const Manager *m) : Noted(CAIRN_UNLIKELY(m->checked)) {
    if (Noted)
      begin();
  }
  ~PythonCall() {
    if (Noted)
      end();
  }
  PythonCall(const PythonCall &) = delete;

private:
  void begin();
  void end();
  const bool Noted;
  alignas(void *) char Room[sizeof(CheckedCall)];
};

/// Lines about the block at an offset: what it is, and who made and released it. Empty in heaps
/// that are not checked.
std::string originOf(const Manager *m, uint64_t at);

//===- Arguments.cpp ------------------------------------------------------===//

struct Names {
  const char *function;
  const char *names[4];
  int required;
  int count;
};
/// Sorts the arguments of a call into `out`; those not given are null.
bool bindSlow(const Names &names, PyObject *const *args, Py_ssize_t n, PyObject *kwnames,
              PyObject **out);
inline bool bind(const Names &names, PyObject *const *args, Py_ssize_t n, PyObject *kwnames,
                 PyObject **out) {
  if (CAIRN_UNLIKELY(kwnames || n > names.count || n < names.required))
    return bindSlow(names, args, n, kwnames, out);
  for (int i = 0; i < names.count; ++i)
    out[i] = i < n ? args[i] : nullptr;
  return true;
}
/// An integer; raises TypeError if it is none. What does not fit in 64 bits comes out
/// as `wide`.
bool toIntSlow(PyObject *o, int64_t &value, bool &wide);
inline bool toInt(PyObject *o, int64_t &value, bool &wide) {
  wide = false;
  if (PyLong_CheckExact(o)) {
    const PyLongObject *l = reinterpret_cast<const PyLongObject *>(o);
#if PY_VERSION_HEX >= 0x030C0000 // digits are no longer to be seen
    if (PyUnstable_Long_IsCompact(l)) {
      value = PyUnstable_Long_CompactValue(l);
      return true;
    }
#else
    switch (Py_SIZE(o)) {
    case 0:
      value = 0;
      return true;
    case 1:
      value = int64_t(l->ob_digit[0]);
      return true;
    case -1:
      value = -int64_t(l->ob_digit[0]);
      return true;
    case 2:
      value = int64_t(l->ob_digit[1]) << PyLong_SHIFT | int64_t(l->ob_digit[0]);
      return true;
    default:
      break;
    }
#endif
  }
  return toIntSlow(o, value, wide);
}
/// What no offset is: it stands for integers of more than 64 bits.
constexpr uint64_t kNoOffset = uint64_t(1) << 63;
/// Whether converting it runs no code of Python's.
inline bool isPlainNumber(PyObject *o) { return PyLong_CheckExact(o) || PyFloat_CheckExact(o); }
/// A pointer; what cannot be one comes out as an offset past every heap.
inline bool toPointer(PyObject *o, uint64_t &at) {
  int64_t value;
  bool wide;
  if (!toInt(o, value, wide))
    return false;
  at = wide ? kNoOffset : uint64_t(value);
  return true;
}
/// A size, of bytes or of elements, up to `most`; else ValueError.
bool toSizeSlow(PyObject *o, const char *what, uint64_t most, uint64_t &value);
inline bool toSize(PyObject *o, const char *what, uint64_t most, uint64_t &value) {
  int64_t n;
  bool wide;
  if (CAIRN_LIKELY(PyLong_CheckExact(o) && toInt(o, n, wide) && !wide && uint64_t(n) <= most)) {
    value = uint64_t(n);
    return true;
  }
  return toSizeSlow(o, what, most, value);
}
bool toFloat(PyObject *o, double &value);
/// UTF-8 of a str; TypeError if it is none.
const char *toText(PyObject *o, Py_ssize_t &n);

//===- Find.cpp -----------------------------------------------------------===//

/// A live block that a pointer lies in.
struct Block {
  char *start; ///< First byte that may be read.
  char *data;  ///< First byte that may be written, and what Python calls the pointer.
  char *end;
  void *ref; ///< Null: a raw block.
  Slab *slab;
  uint32_t meta;
  Kind kind;
};

/// Raises and returns false unless the offset lies in a live block.
bool find(const Manager *m, uint64_t at, Block &block);
/// The same without a message: true if there is one.
bool findSlow(const Manager *m, uint64_t at, Block &block);
bool noBlock(const Manager *m, uint64_t at);
/// An object, not a raw block.
bool findObject(const Manager *m, uint64_t at, Block &block);

inline uint64_t offsetOf(const Manager *m, const void *p) {
  return reinterpret_cast<uintptr_t>(p) - m->base;
}
/// What Python calls the pointer of an object: a byte array's is to its data.
uint64_t pointerTo(const Manager *m, void *ref);

enum class Handle { List, Dict };
/// The list or dict at an offset, its table looked at too; null, and raises, if none.
void *findHandle(const Manager *m, uint64_t at, Handle what);
/// The exact reference of the object at an offset, which may go into the container whose
/// handle it is; null, and raises, if there is none or it was written over.
void *findStorable(const Manager *m, uint64_t at, const void *handle);

//===- Block.cpp ----------------------------------------------------------===//

/// A new bytes object of n bytes, or null, and raises.
void *allocateBytes(Manager *m, uint64_t n);
/// Gives back one count.
bool release(Manager *m, const Block &block);
bool retain(const Manager *m, const Block &block);

//===- Access.cpp ---------------------------------------------------------===//

/// The address of `width` bytes in a live block; null, and raises, if they are not.
char *place(const Manager *m, uint64_t at, size_t width, bool write);

//===- Containers.cpp -----------------------------------------------------===//

/// The offset of a new container, or what the runtime reported, or MemoryError.
PyObject *pointerOrFull(Manager *m, void *ref, uint64_t request);
const char *kindName(unsigned kind);
/// The exact reference that a pointer means; 0 means none. It is to go into a container.
bool toObject(const Manager *m, uint64_t at, const void *handle, void *&ref);
/// An object that a container refers to, as Python's pointer.
PyObject *toPython(const Manager *m, void *ref);
/// decref() of what must be a list, or a dict.
PyObject *releaseHandle(Manager *m, PyObject *o, Handle what);

//===- Views.cpp ----------------------------------------------------------===//

PyObject *getMemory(PyObject *self, void *);
PyObject *getTop(PyObject *self, void *);
PyObject *getFreeLists(PyObject *self, void *);
PyObject *ctypesPointer(PyObject *self, PyObject *);
bool addViewTypes(PyObject *module);

//===- Manager.cpp --------------------------------------------------------===//

bool addManagerType(PyObject *module);

//===- The methods, by file -----------------------------------------------===//

using Args = PyObject *const *;
#define CAIRN_METHOD(name) PyObject *name(Manager *m, Args args, Py_ssize_t n, PyObject *kwnames)

/// What a hot method (Fast.h) calls last, with its own arguments.
#define CAIRN_LONG_FORM(name)                                                                      \
  __attribute__((noinline)) static PyObject *name(Manager *m, Args args, Py_ssize_t n,             \
                                                  PyObject *kwnames)

extern const PyMethodDef *const kBlockMethods;
extern const PyMethodDef *const kAccessMethods;
extern const PyMethodDef *const kListMethods;
extern const PyMethodDef *const kDictMethods;
extern const PyMethodDef *const kBulkMethods;
extern const PyMethodDef *const kReportMethods;

/// Prints what is left alive to sys.stderr.
bool reportLeaks(const Manager *m);
PyObject *describe(PyObject *self);
PyObject *describeAtLength(PyObject *self);

/// Says on sys.stderr why the end of a `with` block closed nothing, while an exception is
/// on its way. The error that says why is raised, and is cleared.
void reportOpen(const char *what);

PyObject *makeJit(Manager *m, Args args, Py_ssize_t n, PyObject *kwnames);
bool addJitTypes(PyObject *module);
bool addReportTypes(PyObject *module);

/// What the names of JIT functions by which Python calls others begin with.
constexpr char kThunk[] = "cairn_thunk_";

//===- Profile.cpp: functions of the module ---------------------------------===//

/// The profile's samples have lines of Python from now on.
void watchCalls();
PyObject *profileStart(PyObject *, PyObject *const *args, Py_ssize_t n, PyObject *kwnames);
PyObject *profileStop(PyObject *, PyObject *const *args, Py_ssize_t n, PyObject *kwnames);
PyObject *profileWrite(PyObject *, PyObject *const *args, Py_ssize_t n, PyObject *kwnames);
/// Runs f(context) so that a full heap in code it calls raises MemoryError. The heap cannot
/// be closed meanwhile.
bool guarded(Manager *m, void (*f)(void *), void *context);

/// numpy, imported on first use; borrowed, null and raises if it is not there.
PyObject *numpy();
/// numpy's function `name` of one object, which may be a tuple.
PyObject *callNumpy(const char *name, PyObject *o);

template <typename F> PyCFunction method(F f) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(f));
}
constexpr int kFast = METH_FASTCALL | METH_KEYWORDS;

} // namespace cairn::python

#endif // CAIRN_PYTHON_MODULE_H
