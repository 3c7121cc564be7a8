/*===- words.c - An index of the words in a text -------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 *   words FILE [WORD...]
 *
 * Reads a text, keeps its lines, and builds an index: for each word, how often it
 * occurs and in which lines. Prints the commonest words, the longest, and each
 * WORD with the first lines it is found in.
 *
 * Who owns what: the index owns the buckets and the lines; a bucket owns its
 * chain; an entry owns its text and its postings. Lists made for sorting own one
 * count of each entry in them. main drops the index, and with it everything.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Line numbers, newest chunk first: 13 of them make the object 64 bytes long. */
enum { POSTINGS_PER_CHUNK = 13 };

struct postings {
  struct postings *older;
  uint32_t used;
  uint32_t lines[POSTINGS_PER_CHUNK];
};
CAIRN_TYPE(postings_type, struct postings, older);

struct entry {
  struct entry *next; /* in its bucket */
  char *text;         /* bytes, no terminator */
  struct postings *postings;
  uint64_t hash;
  uint64_t count;
};
CAIRN_TYPE(entry_type, struct entry, next, text, postings);

struct index {
  struct entry **buckets; /* array of references, a power of two of them */
  char **lines;           /* array of references to bytes */
  uint64_t entries;
  uint64_t words;
  uint64_t line_count;
};
CAIRN_TYPE(index_type, struct index, buckets, lines);

/*===- Bytes ----------------------------------------------------------------===*/

static char *bytes_from(const char *text, size_t n) {
  char *bytes = cairn_alloc_bytes(n);
  memcpy(bytes, text, n);
  return bytes;
}

static bool bytes_equal(const char *bytes, const char *text, size_t n) {
  return cairn_length(bytes) == n && memcmp(bytes, text, n) == 0;
}

static int bytes_compare(const char *a, const char *b) {
  size_t m = cairn_length(a), n = cairn_length(b);
  int order = memcmp(a, b, m < n ? m : n);
  return order ? order : (m > n) - (m < n);
}

/* FNV-1a. */
static uint64_t hash_of(const char *text, size_t n) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < n; ++i)
    hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
  return hash;
}

/*===- Postings -------------------------------------------------------------===*/

/* Adds a line to the list at *list, once. */
static void postings_add(struct postings **list, uint32_t line) {
  struct postings *chunk = *list;
  if (chunk && chunk->lines[chunk->used - 1] == line)
    return;
  if (!chunk || chunk->used == POSTINGS_PER_CHUNK) {
    struct postings *fresh = cairn_alloc(&postings_type);
    fresh->older = chunk; /* takes over the count that *list had */
    fresh->used = 0;
    *list = chunk = fresh;
  }
  chunk->lines[chunk->used++] = line;
}

static size_t postings_count(const struct postings *chunk) {
  size_t n = 0;
  for (; chunk; chunk = chunk->older)
    n += chunk->used;
  return n;
}

/* Copies the first lines, in the order of the text; returns how many. */
static size_t postings_first(const struct postings *chunk, uint32_t *lines, size_t room) {
  size_t end = postings_count(chunk), n = end < room ? end : room;
  for (; chunk; chunk = chunk->older) {
    end -= chunk->used;
    for (uint32_t i = 0; i < chunk->used; ++i)
      if (end + i < n)
        lines[end + i] = chunk->lines[i];
  }
  return n;
}

/*===- The index ------------------------------------------------------------===*/

static struct index *index_new(void) {
  struct index *index = cairn_alloc(&index_type);
  index->buckets = cairn_alloc_array(&cairn_type_ref, 64);
  index->lines = cairn_alloc_array(&cairn_type_ref, 64);
  index->entries = index->words = index->line_count = 0;
  return index;
}

static struct entry *index_find(const struct index *index, const char *text, size_t n) {
  uint64_t hash = hash_of(text, n);
  struct entry *entry = index->buckets[hash & (cairn_length(index->buckets) - 1)];
  while (entry && !(entry->hash == hash && bytes_equal(entry->text, text, n)))
    entry = entry->next;
  return entry;
}

/* Twice the buckets. Entries move from chain to chain with their one count. */
static void index_grow(struct index *index) {
  size_t old_size = cairn_length(index->buckets), size = old_size * 2;
  struct entry **buckets = cairn_alloc_array(&cairn_type_ref, size);
  for (size_t i = 0; i < old_size; ++i) {
    struct entry *entry = index->buckets[i];
    index->buckets[i] = NULL;
    while (entry) {
      struct entry *next = entry->next;
      struct entry **home = &buckets[entry->hash & (size - 1)];
      entry->next = *home;
      *home = entry;
      entry = next;
    }
  }
  cairn_decref(index->buckets);
  index->buckets = buckets;
}

static void index_word(struct index *index, const char *text, size_t n, uint32_t line) {
  struct entry *entry = index_find(index, text, n);
  if (!entry) {
    if (index->entries == cairn_length(index->buckets))
      index_grow(index);
    entry = cairn_alloc(&entry_type);
    entry->hash = hash_of(text, n);
    struct entry **home = &index->buckets[entry->hash & (cairn_length(index->buckets) - 1)];
    entry->text = bytes_from(text, n);
    entry->count = 0;
    entry->next = *home;
    *home = entry;
    ++index->entries;
  }
  ++entry->count;
  ++index->words;
  postings_add(&entry->postings, line);
}

/* Keeps a line, and indexes its words: letters and inner apostrophes, in lower
 * case. */
static void index_line(struct index *index, const char *text, size_t n) {
  uint32_t number = (uint32_t)index->line_count;
  size_t room = cairn_length(index->lines);
  if (number == room) {
    char **lines = cairn_alloc_array(&cairn_type_ref, room * 2);
    memcpy(lines, index->lines, room * sizeof *lines);
    memset(index->lines, 0, room * sizeof *lines); /* their counts moved over */
    cairn_decref(index->lines);
    index->lines = lines;
  }
  index->lines[number] = bytes_from(text, n);
  ++index->line_count;

  char word[64];
  size_t length = 0;
  for (size_t i = 0; i <= n; ++i) {
    unsigned char c = i < n ? (unsigned char)text[i] : ' ';
    bool inner = c == '\'' && length && i + 1 < n && isalpha((unsigned char)text[i + 1]);
    if (c < 128 && (isalpha(c) || inner)) {
      if (length < sizeof word)
        word[length++] = (char)tolower(c);
    } else if (length) {
      index_word(index, word, length, number);
      length = 0;
    }
  }
}

static struct index *index_text(const char *text, size_t n) {
  struct index *index = index_new();
  for (size_t start = 0; start < n;) {
    const char *newline = memchr(text + start, '\n', n - start);
    size_t end = newline ? (size_t)(newline - text) : n;
    index_line(index, text + start, end - start);
    start = end + 1;
  }
  return index;
}

/*===- Reports --------------------------------------------------------------===*/

/* All entries as an array that owns a count of each. */
static struct entry **entries_of(const struct index *index) {
  struct entry **list = cairn_alloc_array(&cairn_type_ref, index->entries);
  size_t n = 0;
  for (size_t i = 0; i < cairn_length(index->buckets); ++i)
    for (struct entry *entry = index->buckets[i]; entry; entry = entry->next) {
      cairn_incref(entry);
      list[n++] = entry;
    }
  return list;
}

static int commoner(const void *left, const void *right) {
  const struct entry *a = *(struct entry *const *)left, *b = *(struct entry *const *)right;
  if (a->count != b->count)
    return a->count < b->count ? 1 : -1;
  return bytes_compare(a->text, b->text);
}

static int longer(const void *left, const void *right) {
  const struct entry *a = *(struct entry *const *)left, *b = *(struct entry *const *)right;
  size_t m = cairn_length(a->text), n = cairn_length(b->text);
  if (m != n)
    return m < n ? 1 : -1;
  return bytes_compare(a->text, b->text);
}

static void print_bytes(const char *bytes) { fwrite(bytes, 1, cairn_length(bytes), stdout); }

static void report_top(const struct index *index, const char *title, size_t n,
                       int (*order)(const void *, const void *)) {
  struct entry **list = entries_of(index);
  qsort(list, cairn_length(list), sizeof *list, order);
  printf("%s:", title);
  for (size_t i = 0; i < n && i < cairn_length(list); ++i) {
    printf(" ");
    print_bytes(list[i]->text);
    printf(" %" PRIu64, list[i]->count);
  }
  printf("\n");
  cairn_decref(list);
}

static void report_word(const struct index *index, const char *word) {
  char lower[64];
  size_t n = strlen(word);
  if (n > sizeof lower)
    n = sizeof lower;
  for (size_t i = 0; i < n; ++i)
    lower[i] = (char)tolower((unsigned char)word[i]);
  struct entry *entry = index_find(index, lower, n);
  if (!entry) {
    printf("%s: not found\n", word);
    return;
  }
  uint32_t lines[3];
  printf("%s: %" PRIu64 " in %zu lines\n", word, entry->count, postings_count(entry->postings));
  size_t found = postings_first(entry->postings, lines, 3);
  for (size_t i = 0; i < found; ++i) {
    printf("  %5" PRIu32 "  ", lines[i] + 1);
    print_bytes(index->lines[lines[i]]);
    printf("\n");
  }
}

/* The whole file as a raw block, or NULL. */
static char *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  char *text = NULL;
  size_t used = 0, room = 0;
  do {
    if (used == room) {
      room = room ? room * 2 : 4096;
      char *more = cairn_realloc(text, room);
      if (!more)
        break;
      text = more;
    }
    used += fread(text + used, 1, room - used, file);
  } while (used == room);
  fclose(file);
  *size = used;
  return text;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: words FILE [WORD...]\n");
    return 2;
  }
  size_t size = 0;
  char *text = read_file(argv[1], &size);
  if (!text) {
    fprintf(stderr, "words: cannot read %s\n", argv[1]);
    return 1;
  }
  struct index *index = index_text(text, size);
  cairn_free(text);

  printf("%" PRIu64 " lines, %" PRIu64 " words, %" PRIu64 " different\n", index->line_count,
         index->words, index->entries);
  report_top(index, "commonest", 10, commoner);
  report_top(index, "longest", 5, longer);
  for (int i = 2; i < argc; ++i)
    report_word(index, argv[i]);
  cairn_decref(index);
  return 0;
}
