//===- Descriptor.cpp - Reading a type descriptor that is a constant --*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The descriptor's own fields lie where cairn.h puts them, with the module's pointers in
// place of the host's. Values are folded out of the initialiser by offset, so that its IR
// type does not matter (a union, an array of descriptors, packed or not).
//
//===----------------------------------------------------------------------===//
#include "ir/Descriptor.h"

#include "cairn.h"
#include "cairn/abi.h"
#include "ir/Managed.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/Support/MathExtras.h"

#include <cstddef>

using namespace llvm;
using namespace cairn;

// What does not follow from cairn.h when pointers have another size: the integers come first,
// and end where any target's pointer may begin; then come three pointers.
static_assert(offsetof(cairn_type, fields) ==
                  offsetof(cairn_type, reserved) + sizeof(cairn_type::reserved) &&
              offsetof(cairn_type, fields) % 8 == 0);
static_assert(offsetof(cairn_type, finalize) == offsetof(cairn_type, fields) + sizeof(void *));
static_assert(offsetof(cairn_type, name) == offsetof(cairn_type, finalize) + sizeof(void *));
static_assert(sizeof(cairn_type) == offsetof(cairn_type, fields) + 3 * sizeof(void *));
// The header word of a plain object has a bit for each word that may be a field, below the tag.
static_assert((uint64_t(1) << kMetaBitmapWords) - 1 == kMetaShapeMask);
static_assert((kMetaShapeMask & kMetaTagMask) == 0 && kMetaTagMask == uint32_t(0xff)
                                                                          << kMetaTagShift);
static_assert((kMetaTyped & (kMetaShapeMask | kMetaTagMask | kMetaArray | kMetaRegistered)) == 0);
static_assert(kHeaderSize == 8 && kMaxAlign == 16,
              "slots are multiples of 8, and of 16 if need be");

/// Of one entry in the array of offsets.
static constexpr uint64_t kOffsetBytes = sizeof(*cairn_type::fields);

bool Descriptor::isField(uint64_t Offset) const { return is_contained(Fields, Offset); }

uint64_t Descriptor::slotBytes() const { return objectBytes(Size, Align); }

std::string Descriptor::encode() const {
  std::string Text =
      (Twine(Size) + "," + Twine(Align) + "," + Twine(Meta) + "," + Twine(unsigned(HasFinalizer)))
          .str();
  for (uint32_t Field : Fields)
    Text += "," + std::to_string(Field);
  return Text;
}

std::optional<Descriptor> Descriptor::decode(StringRef Text) {
  SmallVector<StringRef, 8> Parts;
  Text.split(Parts, ',');
  SmallVector<uint32_t, 8> Numbers(Parts.size());
  for (auto [Part, Number] : zip_equal(Parts, Numbers))
    if (Part.getAsInteger(10, Number))
      return std::nullopt;
  if (Numbers.size() < 4)
    return std::nullopt;
  Descriptor D;
  D.Size = Numbers[0];
  D.Align = Numbers[1];
  D.Meta = Numbers[2];
  D.HasFinalizer = Numbers[3];
  D.Fields.append(Numbers.begin() + 4, Numbers.end());
  return D;
}

namespace {

/// A constant at an offset in a global's initialiser.
struct Reader {
  const GlobalVariable *Global = nullptr;
  APInt Base;
  const DataLayout &DL;

  explicit Reader(const Value *Pointer, const DataLayout &DL) : DL(DL) {
    Base = APInt(DL.getIndexTypeSizeInBits(Pointer->getType()), 0);
    const Value *Root =
        Pointer->stripAndAccumulateConstantOffsets(DL, Base, /*AllowNonInbounds=*/true);
    Global = dyn_cast<GlobalVariable>(Root);
  }

  bool isConstant() const { return Global && Global->hasDefinitiveInitializer(); }
  bool holds(uint64_t Bytes) const {
    return Base.isNonNegative() && Base.getZExtValue() + Bytes <=
                                       DL.getTypeAllocSize(Global->getValueType()).getFixedValue();
  }
  Constant *at(uint64_t Offset, Type *Ty) const {
    auto *Init = const_cast<Constant *>(Global->getInitializer());
    if (Constant *Member = memberAt(Init, (Base + Offset).getZExtValue(), Ty))
      return Member;
    Constant *C = ConstantFoldLoadFromConst(Init, Ty, Base + Offset, DL);
    // Frontends write sizes as constant expressions on addresses.
    return C ? ConstantFoldConstant(C, DL) : nullptr;
  }
  /// What is in \p C at \p Offset, if that is a member of the type \p Ty and no constant
  /// expression. Most descriptors are laid out so, and each is read many times.
  Constant *memberAt(Constant *C, uint64_t Offset, Type *Ty) const {
    while (C && C->getType() != Ty) {
      if (auto *S = dyn_cast<StructType>(C->getType())) {
        const StructLayout *Layout = DL.getStructLayout(S);
        if (Offset >= Layout->getSizeInBytes())
          return nullptr;
        const unsigned N = Layout->getElementContainingOffset(Offset);
        Offset -= Layout->getElementOffset(N);
        C = C->getAggregateElement(N);
      } else if (auto *A = dyn_cast<ArrayType>(C->getType())) {
        const uint64_t Bytes = DL.getTypeAllocSize(A->getElementType());
        if (!Bytes)
          return nullptr;
        C = C->getAggregateElement(unsigned(Offset / Bytes));
        Offset %= Bytes;
      } else {
        return nullptr;
      }
    }
    return C && Offset == 0 && isa<ConstantInt, ConstantPointerNull, GlobalValue>(C) ? C : nullptr;
  }
  std::optional<uint64_t> integer(uint64_t Offset, unsigned Bits) const {
    auto *C = at(Offset, IntegerType::get(Global->getContext(), Bits));
    if (auto *Int = dyn_cast_or_null<ConstantInt>(C))
      return Int->getZExtValue();
    return std::nullopt;
  }
  Constant *pointer(uint64_t Offset) const {
    return at(Offset, PointerType::get(Global->getContext(), 0));
  }
};

} // namespace

static DescriptorRead malformed(const Reader &R, const Twine &Why) {
  return {std::nullopt, ("descriptor '" + R.Global->getName() + "' is malformed: " + Why).str()};
}

DescriptorRead cairn::readDescriptor(const Value *Type, const DataLayout &DL) {
  Reader R(Type, DL);
  if (!R.isConstant())
    return {};
  const uint64_t Word = DL.getPointerSize();
  const uint64_t Pointers = offsetof(cairn_type, fields);
  if (!R.holds(Pointers + 3 * Word))
    return malformed(R, "it is smaller than a cairn_type");

#define CAIRN_INTEGER(MEMBER)                                                                      \
  R.integer(offsetof(cairn_type, MEMBER), 8 * sizeof(cairn_type::MEMBER))
  auto Size = CAIRN_INTEGER(size), Align = CAIRN_INTEGER(align), Count = CAIRN_INTEGER(field_count),
       Meta = CAIRN_INTEGER(meta);
#undef CAIRN_INTEGER
  Constant *Offsets = R.pointer(Pointers), *Final = R.pointer(Pointers + Word);
  if (!Size || !Align || !Count || !Meta || !Offsets || !Final || isa<UndefValue>(Offsets) ||
      isa<UndefValue>(Final))
    return malformed(R,
                     "its size, align, field_count, meta, fields and finalize are not constants");

  Descriptor D;
  D.Size = *Size;
  D.Align = *Align;
  D.HasFinalizer = !Final->isNullValue();
  if (!isPowerOf2_32(D.Align) || D.Align > kMaxAlign)
    return malformed(R, "align is " + Twine(D.Align) + ", not a power of two up to " +
                            Twine(kMaxAlign));

  if (*Count) {
    Reader Array(Offsets, DL);
    if (!Array.isConstant())
      return Offsets->isNullValue()
                 ? malformed(R, "field_count is " + Twine(*Count) + ", but fields is null")
                 : DescriptorRead{};
    if (!Array.holds(kOffsetBytes * *Count))
      return malformed(R, "field_count is " + Twine(*Count) + ", more than its array '" +
                              Array.Global->getName() + "' holds");
    for (uint64_t I = 0; I != *Count; ++I) {
      auto Offset = Array.integer(kOffsetBytes * I, 8 * kOffsetBytes);
      if (!Offset)
        return malformed(R, "field " + Twine(I) + " is not a constant offset");
      if (*Offset % Word)
        return malformed(R, "field " + Twine(I) + " is at offset " + Twine(*Offset) +
                                ", not a multiple of " + Twine(Word));
      if (*Offset + Word > D.Size)
        return malformed(R, "field " + Twine(I) + " at offset " + Twine(*Offset) +
                                " ends past its size of " + Twine(D.Size));
      if (I && *Offset <= D.Fields.back())
        return malformed(R,
                         "field " + Twine(I) + " at offset " + Twine(*Offset) + " does not ascend");
      D.Fields.push_back(*Offset);
    }
  } else if (!Offsets->isNullValue()) {
    return malformed(R, "field_count is 0, but fields is not null");
  }

  // The header word says it all when the fields fit its bitmap.
  if (!D.HasFinalizer && (D.Fields.empty() || D.Fields.back() / Word < kMetaBitmapWords)) {
    D.Meta = kMetaTyped | classBits(D.slotBytes());
    for (uint32_t Field : D.Fields)
      D.Meta |= 1u << (Field / Word);
  }
  // A descriptor may leave the slot's class out; its objects do so then.
  if (D.Meta && *Meta == (D.Meta & ~kMetaClassMask))
    D.Meta = *Meta;
  if (*Meta && *Meta != D.Meta)
    return malformed(R, "meta is 0x" + Twine::utohexstr(*Meta) +
                            ", but its fields and finaliser make it 0x" + Twine::utohexstr(D.Meta));
  return {D, {}};
}

/// \p ReadOf: readDescriptor, or what it has returned before.
template <typename ReadT> static DescriptorRead descriptorBy(const CallBase &Call, ReadT ReadOf) {
  const IntrinsicInfo *I = calledPlainForm(Call);
  if (!I || !I->is(kTyped))
    return {};
  const Value *Type = Call.getArgOperand(I->typeArg());
  DescriptorRead Read = ReadOf(Type);
  if (Read.Known || !Read.Malformed.empty())
    return Read;
  // The attribute holds for the global that it was read from, not for what a merged
  // call may choose between.
  Attribute A = Call.getFnAttr(kTypeAttribute);
  if (A.isStringAttribute() && isa<GlobalVariable>(getUnderlyingObject(Type)))
    Read.Known = Descriptor::decode(A.getValueAsString());
  return Read;
}

DescriptorRead cairn::descriptorOf(const CallBase &Call) {
  return descriptorBy(
      Call, [&](const Value *Type) { return readDescriptor(Type, Call.getDataLayout()); });
}

DescriptorRead Descriptors::of(const CallBase &Call) {
  return descriptorBy(Call, [&](const Value *Type) {
    auto *Global = dyn_cast<GlobalVariable>(Type);
    if (!Global) // an address that another instruction may have later
      return readDescriptor(Type, Call.getDataLayout());
    auto [Found, New] = Read.try_emplace(Global);
    if (New)
      Found->second = readDescriptor(Global, Call.getDataLayout());
    return Found->second;
  });
}
