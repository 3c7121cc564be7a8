/*===- json.c - A JSON reader, printer and editor ------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 *   json [FILE [PATH...]]
 *
 * Parses a document (one of its own without FILE), prints it, and prints what lies
 * at each PATH, such as `authors[1].name`. Then edits a copy: values are never
 * changed while someone else can see them, so that an edit copies what is shared
 * and changes in place what has one owner.
 *
 * The header's tag says which kind a value is. A value owns its parts.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_LIST, JSON_MAP };

struct value {
  void *first;  /* string: bytes; list: array of values; map: array of keys */
  void *second; /* map: array of values */
  union {
    double number;
    size_t count; /* of a list or a map */
  } u;
};
CAIRN_TYPE(value_type, struct value, first, second);

/* A number or a literal holds no reference, so its descriptor says so. */
struct scalar {
  void *unused[2];
  double number;
};
CAIRN_TYPE(scalar_type, struct scalar);

static enum kind kind_of(const struct value *value) { return (enum kind)cairn_tag(value); }

/* The literals and numbers. */
static struct value *new_scalar(enum kind kind, double number) {
  struct scalar *scalar = cairn_alloc_tagged(&scalar_type, (uint8_t)kind);
  scalar->number = number;
  return (struct value *)scalar;
}

/* Takes over the counts of first and second. */
static struct value *new_value(enum kind kind, void *first, void *second) {
  struct value *value = cairn_alloc_tagged(&value_type, (uint8_t)kind);
  value->first = first;
  value->second = second;
  value->u.count = 0;
  return value;
}

static char *bytes_from(const char *text, size_t n) {
  char *bytes = cairn_alloc_bytes(n);
  memcpy(bytes, text, n);
  return bytes;
}

static struct value **items_of(const struct value *list) { return list->first; }
static char **keys_of(const struct value *map) { return map->first; }
static struct value **values_of(const struct value *map) { return map->second; }

/* An array of references twice as long (4 at first), that takes over the counts. */
static void *grow(void *array) {
  size_t n = array ? cairn_length(array) : 0;
  void **bigger = cairn_alloc_array(&cairn_type_ref, n ? n * 2 : 4);
  if (array) {
    memcpy(bigger, array, n * sizeof *bigger);
    memset(array, 0, n * sizeof *bigger);
    cairn_decref(array);
  }
  return bigger;
}

/* Both take over the counts of what they add. */
static void list_add(struct value *list, struct value *item) {
  if (!list->first || list->u.count == cairn_length(list->first))
    list->first = grow(list->first);
  items_of(list)[list->u.count++] = item;
}
static void map_add(struct value *map, char *key, struct value *item) {
  if (!map->first || map->u.count == cairn_length(map->first)) {
    map->first = grow(map->first);
    map->second = grow(map->second);
  }
  keys_of(map)[map->u.count] = key;
  values_of(map)[map->u.count++] = item;
}

/*===- Reading --------------------------------------------------------------===*/

struct reader {
  const char *at, *end, *start;
  const char *error; /* the first, or NULL */
  unsigned depth;
};

static struct value *read_value(struct reader *in);

static struct value *fail(struct reader *in, const char *error) {
  if (!in->error)
    in->error = error;
  return NULL;
}

static char peek(struct reader *in) {
  while (in->at < in->end && isspace((unsigned char)*in->at))
    ++in->at;
  return in->at < in->end ? *in->at : '\0';
}

static bool accept(struct reader *in, char c) {
  if (peek(in) != c || in->at == in->end)
    return false;
  ++in->at;
  return true;
}

/* A code point of four hexadecimal digits as UTF-8 at out; its length, or 0. */
static size_t read_escape(struct reader *in, char *out) {
  unsigned code = 0;
  for (int i = 0; i < 4; ++i) {
    if (in->at == in->end || !isxdigit((unsigned char)*in->at))
      return 0;
    unsigned char c = (unsigned char)*in->at++;
    code = code * 16 + (isdigit(c) ? c - '0' : (unsigned)tolower(c) - 'a' + 10);
  }
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  if (code < 0x800) {
    out[0] = (char)(0xc0 | code >> 6);
    out[1] = (char)(0x80 | (code & 63));
    return 2;
  }
  out[0] = (char)(0xe0 | code >> 12);
  out[1] = (char)(0x80 | (code >> 6 & 63));
  out[2] = (char)(0x80 | (code & 63));
  return 3;
}

/* After the opening quote. An owned bytes object, or NULL on an error. */
static char *read_text(struct reader *in) {
  size_t room = 0;
  for (const char *p = in->at; p < in->end && *p != '"'; ++p) {
    ++room;
    if (*p == '\\')
      ++p;
  }
  /* An escape is never shorter than its text: six characters give three. */
  char *buffer = cairn_malloc(room + 3 * (room != 0)), *out = buffer;
  if (!buffer)
    return (char *)fail(in, "no memory for a string");
  for (;;) {
    if (in->at >= in->end) {
      cairn_free(buffer);
      return (char *)fail(in, "string without an end");
    }
    char c = *in->at++;
    if (c == '"')
      break;
    if (c != '\\') {
      *out++ = c;
      continue;
    }
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char escape = in->at < in->end ? *in->at++ : '\0';
    const char *known = escape ? strchr(from, escape) : NULL;
    size_t n = escape == 'u' ? read_escape(in, out) : 0;
    if (known) {
      *out++ = to[known - from];
    } else if (n) {
      out += n;
    } else {
      cairn_free(buffer);
      return (char *)fail(in, "unknown escape");
    }
  }
  char *text = bytes_from(buffer, (size_t)(out - buffer));
  cairn_free(buffer);
  return text;
}

static struct value *read_number(struct reader *in) {
  char copy[64];
  size_t n = 0;
  while (in->at < in->end && n + 1 < sizeof copy && *in->at && strchr("+-.eE0123456789", *in->at))
    copy[n++] = *in->at++;
  copy[n] = '\0';
  char *end;
  double number = strtod(copy, &end);
  return n && !*end ? new_scalar(JSON_NUMBER, number) : fail(in, "not a number");
}

static struct value *read_list(struct reader *in) {
  struct value *list = new_value(JSON_LIST, NULL, NULL);
  if (accept(in, ']'))
    return list;
  do {
    struct value *item = read_value(in);
    if (!item)
      break;
    list_add(list, item);
  } while (accept(in, ','));
  if (!in->error && !accept(in, ']'))
    fail(in, "',' or ']' expected");
  if (!in->error)
    return list;
  cairn_decref(list); /* and what was read of it */
  return NULL;
}

static struct value *read_map(struct reader *in) {
  struct value *map = new_value(JSON_MAP, NULL, NULL);
  if (accept(in, '}'))
    return map;
  do {
    if (!accept(in, '"')) {
      fail(in, "a key in quotes expected");
      break;
    }
    char *key = read_text(in);
    struct value *item = NULL;
    if (key && !accept(in, ':'))
      fail(in, "':' expected");
    else if (key)
      item = read_value(in);
    if (!item) {
      cairn_decref(key);
      break;
    }
    map_add(map, key, item);
  } while (accept(in, ','));
  if (!in->error && !accept(in, '}'))
    fail(in, "',' or '}' expected");
  if (!in->error)
    return map;
  cairn_decref(map);
  return NULL;
}

static struct value *read_word(struct reader *in, const char *word, enum kind kind) {
  size_t n = strlen(word);
  if ((size_t)(in->end - in->at) < n || memcmp(in->at, word, n) != 0)
    return fail(in, "unknown word");
  in->at += n;
  return new_scalar(kind, 0);
}

/* An owned value, or NULL with in->error set. */
static struct value *read_value(struct reader *in) {
  struct value *value = NULL;
  if (++in->depth > 1000)
    return fail(in, "nested too deep");
  switch (peek(in)) {
  case 'n':
    value = read_word(in, "null", JSON_NULL);
    break;
  case 'f':
    value = read_word(in, "false", JSON_FALSE);
    break;
  case 't':
    value = read_word(in, "true", JSON_TRUE);
    break;
  case '[':
    ++in->at;
    value = read_list(in);
    break;
  case '{':
    ++in->at;
    value = read_map(in);
    break;
  case '"': {
    ++in->at;
    char *text = read_text(in);
    value = text ? new_value(JSON_STRING, text, NULL) : NULL;
    break;
  }
  default:
    value = read_number(in);
  }
  --in->depth;
  return value;
}

/* Prints where it went wrong, and returns NULL then. */
static struct value *parse(const char *name, const char *text, size_t n) {
  struct reader in = {text, text + n, text, NULL, 0};
  struct value *value = read_value(&in);
  if (value && (peek(&in), in.at != in.end)) {
    fail(&in, "text after the document");
    cairn_decref(value);
    value = NULL;
  }
  if (!value) {
    unsigned line = 1;
    for (const char *p = text; p < in.at; ++p)
      line += *p == '\n';
    printf("%s:%u: %s\n", name, line, in.error);
  }
  return value;
}

/*===- Printing -------------------------------------------------------------===*/

static void print_text(const char *text) {
  putchar('"');
  for (size_t i = 0; i < cairn_length(text); ++i) {
    unsigned char c = (unsigned char)text[i];
    if (c == '"' || c == '\\')
      printf("\\%c", c);
    else if (c == '\n')
      printf("\\n");
    else if (c < 32)
      printf("\\u%04x", c);
    else
      putchar(c);
  }
  putchar('"');
}

static void print(const struct value *value) {
  switch (kind_of(value)) {
  case JSON_NULL:
    printf("null");
    break;
  case JSON_FALSE:
    printf("false");
    break;
  case JSON_TRUE:
    printf("true");
    break;
  case JSON_NUMBER:
    printf("%.15g", value->u.number);
    break;
  case JSON_STRING:
    print_text(value->first);
    break;
  case JSON_LIST:
    for (size_t i = 0; i < value->u.count; ++i) {
      printf(i ? ", " : "[");
      print(items_of(value)[i]);
    }
    printf(value->u.count ? "]" : "[]");
    break;
  case JSON_MAP:
    for (size_t i = 0; i < value->u.count; ++i) {
      printf(i ? ", " : "{");
      print_text(keys_of(value)[i]);
      printf(": ");
      print(values_of(value)[i]);
    }
    printf(value->u.count ? "}" : "{}");
    break;
  }
}

/*===- Paths ----------------------------------------------------------------===*/

/* One step of a path: a key, or an index in brackets. */
struct step {
  const char *key; /* NULL for an index */
  size_t length, index;
};

static bool next_step(const char **path, struct step *step) {
  const char *p = *path;
  if (*p == '.')
    ++p;
  if (!*p)
    return false;
  if (*p == '[') {
    char *end;
    step->key = NULL;
    step->index = strtoul(p + 1, &end, 10);
    *path = *end == ']' ? end + 1 : end;
    return true;
  }
  step->key = p;
  step->length = strcspn(p, ".[");
  *path = p + step->length;
  return true;
}

/* The place in value that the step leads to, or NULL. Borrowed. */
static struct value **place_of(const struct value *value, struct step step) {
  if (!step.key)
    return kind_of(value) == JSON_LIST && step.index < value->u.count ? &items_of(value)[step.index]
                                                                      : NULL;
  if (kind_of(value) == JSON_MAP)
    for (size_t i = 0; i < value->u.count; ++i)
      if (cairn_length(keys_of(value)[i]) == step.length &&
          memcmp(keys_of(value)[i], step.key, step.length) == 0)
        return &values_of(value)[i];
  return NULL;
}

/* Borrowed, or NULL. */
static const struct value *query(const struct value *value, const char *path) {
  struct step step;
  while (value && next_step(&path, &step)) {
    struct value **place = place_of(value, step);
    value = place ? *place : NULL;
  }
  return value;
}

static unsigned copies;

/* The same value with one owner: itself, or a copy of its top. Takes over the
 * count of value. */
static struct value *own(struct value *value) {
  if (cairn_is_unique(value))
    return value;
  ++copies;
  struct value *copy = new_value(kind_of(value), NULL, NULL);
  for (size_t i = 0; i < value->u.count; ++i) {
    if (kind_of(value) == JSON_LIST) {
      cairn_incref(items_of(value)[i]);
      list_add(copy, items_of(value)[i]);
    } else {
      cairn_incref(keys_of(value)[i]);
      cairn_incref(values_of(value)[i]);
      map_add(copy, keys_of(value)[i], values_of(value)[i]);
    }
  }
  cairn_decref(value);
  return copy;
}

/* The document with what lies at path replaced. Takes over both counts. */
static struct value *with(struct value *value, const char *path, struct value *leaf) {
  struct step step;
  if (!next_step(&path, &step)) {
    cairn_decref(value);
    return leaf;
  }
  if (!place_of(value, step)) {
    cairn_decref(leaf);
    return value;
  }
  value = own(value);
  struct value **place = place_of(value, step);
  struct value *child = *place;
  *place = NULL; /* its count goes down the path and comes back */
  *place = with(child, path, leaf);
  return value;
}

/*===- The program ----------------------------------------------------------===*/

static const char sample[] =
    "{\n"
    "  \"title\": \"Walls, dykes and cairns\",\n"
    "  \"year\": 1987, \"price\": 12.5e0, \"in print\": false,\n"
    "  \"authors\": [{\"name\": \"A. Mason\", \"born\": 1931},\n"
    "              {\"name\": \"\\\"Bo\\\" Stein\\u00e9\", \"born\": null}],\n"
    "  \"parts\": [[\"footings\", [1, 2, 3]], [\"courses\", [4, 5]], [], {}],\n"
    "  \"note\": \"dry\\nstone\", \"sound\": true\n"
    "}\n";

static const char *const broken[] = {"[1, 2", "{\"a\" 1}", "[1, 2] 3",
                                     "\"abc", "[\"\\q\"]", "{\"a\": {\"b\": [tru]}}"};

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

static void show(const struct value *document, const char *path) {
  const struct value *found = query(document, path);
  printf("%s = ", path);
  if (found)
    print(found);
  else
    printf("nothing");
  printf("\n");
}

static void edit(struct value *document) {
  cairn_incref(document);
  struct value *edited = with(document, "authors[1].born", new_scalar(JSON_NUMBER, 1950));
  printf("copies after the first edit: %u\n", copies);
  edited =
      with(edited, "authors[1].name", new_value(JSON_STRING, bytes_from("C. Waller", 9), NULL));
  edited = with(edited, "parts[0]", new_scalar(JSON_TRUE, 0));
  printf("copies after three: %u\n", copies);
  show(edited, "authors");
  show(edited, "parts");
  show(document, "authors[1]");
  cairn_decref(edited);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    size_t size = 0;
    char *text = read_file(argv[1], &size);
    if (!text) {
      fprintf(stderr, "json: cannot read %s\n", argv[1]);
      return 1;
    }
    struct value *document = parse(argv[1], text, size);
    cairn_free(text);
    if (!document)
      return 1;
    if (argc == 2) {
      print(document);
      printf("\n");
    }
    for (int i = 2; i < argc; ++i)
      show(document, argv[i]);
    cairn_decref(document);
    return 0;
  }

  struct value *document = parse("sample", sample, sizeof sample - 1);
  print(document);
  printf("\n");
  show(document, "authors[0].name");
  show(document, "parts[1][1][0]");
  show(document, "parts[9]");
  edit(document);
  cairn_decref(document);
  for (size_t i = 0; i < sizeof broken / sizeof *broken; ++i)
    cairn_decref(parse("broken", broken[i], strlen(broken[i])));
  return 0;
}
