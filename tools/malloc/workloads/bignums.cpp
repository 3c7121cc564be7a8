//===- bignums.cpp - Numbers that are a block each -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   bignums TERMS
//
// Expands the square root of an integer of 41 digits as a continued fraction, and follows its
// convergents' numerators modulo that integer, as the factoring method of continued fractions does.
// Every number is an immutable block with a count of references; each operation allocates its
// result and releases its operands. So blocks of 16 to 64 bytes live for a few operations, in one
// thread. This is how cfrac uses a heap. Prints the last numerator, and a sum of the terms.
//
//===----------------------------------------------------------------------===//

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace {

/// digits[] are base 65,536, the least first; the last is not 0, so that 0 has none.
struct Digits {
  uint32_t references;
  uint32_t count;
  uint16_t digits[];
};

class Number {
public:
  explicit Number(uint32_t n = 0) : At(allocate(2)) {
    At->digits[0] = uint16_t(n);
    At->digits[1] = uint16_t(n >> 16);
    trim();
  }
  Number(const Number &n) : At(n.At) { ++At->references; }
  Number(Number &&n) noexcept : At(std::exchange(n.At, nullptr)) {}
  Number &operator=(Number n) {
    std::swap(At, n.At);
    return *this;
  }
  ~Number() {
    if (At && --At->references == 0)
      free(At);
  }

  int compare(const Number &b) const {
    if (At->count != b.At->count)
      return At->count < b.At->count ? -1 : 1;
    for (uint32_t i = At->count; i-- > 0;)
      if (At->digits[i] != b.At->digits[i])
        return At->digits[i] < b.At->digits[i] ? -1 : 1;
    return 0;
  }
  Number operator+(const Number &b) const {
    uint32_t most = (At->count > b.At->count ? At->count : b.At->count) + 1, carry = 0;
    Number sum(allocate(most));
    for (uint32_t i = 0; i < most; ++i) {
      carry += digit(i) + b.digit(i);
      sum.At->digits[i] = uint16_t(carry);
      carry >>= 16;
    }
    sum.trim();
    return sum;
  }
  /// b is at most this.
  Number operator-(const Number &b) const {
    Number difference(allocate(At->count));
    int32_t borrow = 0;
    for (uint32_t i = 0; i < At->count; ++i) {
      int32_t d = int32_t(digit(i)) - int32_t(b.digit(i)) + borrow;
      difference.At->digits[i] = uint16_t(d);
      borrow = d < 0 ? -1 : 0;
    }
    difference.trim();
    return difference;
  }
  Number operator*(const Number &b) const {
    Number product(allocate(At->count + b.At->count));
    memset(product.At->digits, 0, product.At->count * sizeof(uint16_t));
    for (uint32_t i = 0; i < At->count; ++i) {
      uint32_t carry = 0;
      for (uint32_t j = 0; j < b.At->count || carry; ++j) {
        carry += digit(i) * b.digit(j) + product.At->digits[i + j];
        product.At->digits[i + j] = uint16_t(carry);
        carry >>= 16;
      }
    }
    product.trim();
    return product;
  }
  /// This divided by b, digit by digit; what is left is in *rest.
  Number dividedBy(const Number &b, Number *rest) const {
    Number quotient(allocate(At->count)), left;
    for (uint32_t i = At->count; i-- > 0;) {
      left = left.shifted(At->digits[i]);
      uint32_t low = 0, high = 65535;
      while (low < high) { // the largest digit whose product with b is not over what is left
        uint32_t middle = (low + high + 1) / 2;
        if ((b * Number(middle)).compare(left) <= 0)
          low = middle;
        else
          high = middle - 1;
      }
      if (low)
        left = left - b * Number(low);
      quotient.At->digits[i] = uint16_t(low);
    }
    quotient.trim();
    *rest = left;
    return quotient;
  }
  uint32_t low() const { return digit(0) | digit(1) << 16; }
  std::string decimal() const {
    std::string text;
    for (Number n = *this, rest; n.At->count;) {
      n = n.dividedBy(Number(10), &rest);
      text.insert(text.begin(), char('0' + rest.low()));
    }
    return text.empty() ? "0" : text;
  }

private:
  explicit Number(Digits *at) : At(at) {}
  static Digits *allocate(uint32_t digits) {
    auto *at = static_cast<Digits *>(malloc(sizeof(Digits) + digits * sizeof(uint16_t)));
    if (!at)
      abort();
    at->references = 1;
    at->count = digits;
    return at;
  }
  uint32_t digit(uint32_t i) const { return i < At->count ? At->digits[i] : 0; }
  void trim() {
    while (At->count && !At->digits[At->count - 1])
      --At->count;
  }
  /// This times 65,536, plus a digit.
  Number shifted(uint16_t digit) const {
    Number n(allocate(At->count + 1));
    n.At->digits[0] = digit;
    memcpy(n.At->digits + 1, At->digits, At->count * sizeof(uint16_t));
    n.trim();
    return n;
  }

  Digits *At;
};

Number parse(const char *text) {
  Number n;
  for (; *text; ++text)
    n = n * Number(10) + Number(uint32_t(*text - '0'));
  return n;
}

/// The largest integer whose square is at most n, by Newton's method.
Number root(const Number &n) {
  Number x = n, rest;
  for (;;) {
    Number y = (x + n.dividedBy(x, &rest)).dividedBy(Number(2), &rest);
    if (y.compare(x) >= 0)
      return x;
    x = y;
  }
}

} // namespace

int main(int argc, char **argv) {
  int terms = argc > 1 ? atoi(argv[1]) : 1000;
  Number n = parse("17545186520507317056371138836327483792789"), whole = root(n), rest;
  // (sqrt(n) + p) / q is what is left of the expansion; a and b are convergents' numerators.
  Number p, q(1), a(1), b = whole;
  uint64_t sum = 0;
  for (int i = 0; i < terms; ++i) {
    Number term = (whole + p).dividedBy(q, &rest);
    p = term * q - p;
    q = (n - p * p).dividedBy(q, &rest);
    Number next = (whole + p).dividedBy(q, &rest);
    Number c = next * b + a;
    a = b;
    c.dividedBy(n, &b);
    sum += next.low();
  }
  printf("%s %llu\n", b.decimal().c_str(), static_cast<unsigned long long>(sum));
  return 0;
}
