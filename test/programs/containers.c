/*===- containers.c - An index of words: a dict of lists --------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * For each word of a text the positions it stands at, as a list in a dict; then the
 * longest word as a string, and the numbers of letters as a byte array.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/containers.h>
#include <stdio.h>
#include <string.h>

static const char text[] = "the cairn marks the path and the path follows the cairn to the top of "
                           "the hill where the next cairn marks the path to the next hill";

int main(void) {
  void *index = cairn_alloc_dict(0);
  void *order = cairn_alloc_list(0, 8);
  int64_t position = 0;
  for (const char *at = text; *at; at += *at == ' ') {
    size_t n = strcspn(at, " ");
    void *places = cairn_dict_get(index, at, n);
    if (!places) {
      places = cairn_alloc_list(1, 2);
      cairn_dict_set(index, at, n, places);
      void *word = cairn_alloc_string(at, n);
      cairn_list_append_ref(order, word);
      cairn_decref(word);
      cairn_decref(places); /* the dict has it */
    }
    cairn_list_append(places, position++);
    at += n;
  }
  const char *longest = cairn_list_get_ref(order, 0);
  for (uint32_t i = 0; i < cairn_list_length(order); ++i) {
    const char *word = cairn_list_get_ref(order, i);
    size_t n = cairn_length(word);
    if (n > cairn_length(longest))
      longest = word;
    void *places = cairn_dict_get(index, word, n);
    printf("%.*s:", (int)n, word);
    for (uint32_t k = 0; k < cairn_list_length(places); ++k)
      printf(" %d", (int)cairn_list_get(places, k));
    printf("\n");
  }
  printf("%u words, the longest is %.*s\n", cairn_dict_length(index), (int)cairn_length(longest),
         longest);

  void *letters = cairn_alloc_byte_array(26, sizeof(int32_t));
  int32_t *count = cairn_byte_array_data(letters);
  for (const char *at = text; *at; ++at)
    if (*at != ' ')
      ++count[*at - 'a'];
  printf("%d of t, %d of z\n", count['t' - 'a'], count['z' - 'a']);

  cairn_dict_set_int(index, "the", 3, 8); /* releases the list */
  cairn_dict_set_float(index, "share", 5, 0.125);
  printf("%d %.3f %d\n", (int)cairn_dict_get_int(index, "the", 3),
         cairn_dict_get_float(index, "share", 5), cairn_dict_delete(index, "hill", 4));
  cairn_dict_cleanup(index);
  printf("%u\n", cairn_dict_length(index));
  cairn_decref(letters);
  cairn_decref(order);
  cairn_decref(index);
  return 0;
}
