// Takes each slow path once, with more values alive than there are registers that an
// ordinary call keeps, and prints what became of them.
#include <cairn.h>
#include <stdio.h>

struct cell {
  struct cell *next;
  long value;
};
CAIRN_TYPE(cell_type, struct cell, next);

typedef unsigned long word;

enum { kKinds = 12 };

#define KEEP(x) __asm__("" : "+r"(x))

// One function a kind: the call is the first of its slow path in the process.
#define KIND(N, CALL)                                                                              \
  __attribute__((noinline)) static word kind##N(word a, word b, word c, word d, void *object) {    \
    word e = a * 3, f = b * 5, g = c * 7, h = d * 11, i = a ^ b, j = b ^ c, k = c ^ d;             \
    double x = (double)a, y = x * 1.5;                                                             \
    word result = (word)(CALL);                                                                    \
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k +   \
           (word)(x + y) + (result != 0);                                                          \
  }

KIND(0, cairn_alloc(&cell_type))
KIND(1, cairn_malloc(48))
KIND(2, (cairn_incref(object), 1))
KIND(3, (cairn_decref(object), 1))
KIND(4, (cairn_free(object), 1))
KIND(5, (cairn_free_sized(object, 5000), 1))
KIND(6, cairn_malloc(a * 1000))
KIND(7, cairn_try_alloc(&cell_type))
KIND(8, cairn_is_unique(object) + 1)
KIND(9, cairn_alloc_bytes(a))
KIND(10, cairn_heap_alloc(object, &cell_type))
KIND(11, cairn_alloc_array(&cairn_type_ref, a))

int main(void) {
  void *shared = cairn_alloc(&cell_type);
  cairn_share(shared);
  void *big = cairn_malloc(5000), *other = cairn_malloc(5000);
  cairn_heap_options options = {.size = 64 << 20};
  void *heap = cairn_heap_create(&options);
  word (*const kinds[kKinds])(word, word, word, word, void *) = {
      kind0, kind1, kind2, kind3, kind4, kind5, kind6, kind7, kind8, kind9, kind10, kind11};
  void *objects[kKinds] = {
      [2] = shared, [3] = shared, [4] = big, [5] = other, [8] = shared, [10] = heap};
  for (int i = 0; i < kKinds; ++i)
    printf("%d %lu\n", i, kinds[i](21, 33, 47, 59, objects[i]));
  return 0;
}
