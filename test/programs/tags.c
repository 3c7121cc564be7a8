/*===- tags.c - Constructors in the header: an expression simplifier ---------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The header's tag says which constructor made a node, so that a node holds only
 * its operands. An expression is differentiated and simplified; equal parts are
 * shared, not copied.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <stdio.h>

enum { NUMBER, VARIABLE, ADD, MULTIPLY };

struct node {
  struct node *left, *right;
};
CAIRN_TYPE(node_type, struct node, left, right);

struct leaf {
  long value;
};
CAIRN_TYPE(leaf_type, struct leaf);

static struct node *leaf(uint8_t tag, long value) {
  struct leaf *leaf = cairn_alloc_tagged(&leaf_type, tag);
  leaf->value = value;
  return (struct node *)leaf;
}
static long value_of(const struct node *node) { return ((const struct leaf *)node)->value; }

/* Takes over both counts. */
static struct node *binary(uint8_t tag, struct node *left, struct node *right) {
  struct node *node = cairn_alloc_tagged(&node_type, tag);
  node->left = left;
  node->right = right;
  return node;
}

static struct node *keep(struct node *node) {
  cairn_incref(node);
  return node;
}

static bool is_number(const struct node *node, long value) {
  return cairn_tag(node) == NUMBER && value_of(node) == value;
}

/* Borrows; the result is owned. */
static struct node *derive(struct node *node) {
  switch (cairn_tag(node)) {
  case NUMBER:
    return leaf(NUMBER, 0);
  case VARIABLE:
    return leaf(NUMBER, 1);
  case ADD:
    return binary(ADD, derive(node->left), derive(node->right));
  default:
    return binary(ADD, binary(MULTIPLY, derive(node->left), keep(node->right)),
                  binary(MULTIPLY, keep(node->left), derive(node->right)));
  }
}

/* Takes over the count of node. */
static struct node *simplify(struct node *node) {
  uint8_t tag = cairn_tag(node);
  if (tag == NUMBER || tag == VARIABLE)
    return node;
  struct node *left = simplify(keep(node->left)), *right = simplify(keep(node->right));
  struct node *result;
  if (cairn_tag(left) == NUMBER && cairn_tag(right) == NUMBER)
    result = leaf(NUMBER,
                  tag == ADD ? value_of(left) + value_of(right) : value_of(left) * value_of(right));
  else if (tag == MULTIPLY && (is_number(left, 0) || is_number(right, 0)))
    result = leaf(NUMBER, 0);
  else if (is_number(left, tag == ADD ? 0 : 1))
    result = keep(right);
  else if (is_number(right, tag == ADD ? 0 : 1))
    result = keep(left);
  else if (left == node->left && right == node->right)
    result = keep(node);
  else
    result = binary(tag, keep(left), keep(right));
  cairn_decref(left);
  cairn_decref(right);
  cairn_decref(node);
  return result;
}

static void print(const struct node *node) {
  switch (cairn_tag(node)) {
  case NUMBER:
    printf("%ld", value_of(node));
    break;
  case VARIABLE:
    printf("%c", (char)value_of(node));
    break;
  default:
    printf("(");
    print(node->left);
    printf(cairn_tag(node) == ADD ? " + " : " * ");
    print(node->right);
    printf(")");
  }
}

static long evaluate(const struct node *node, long x) {
  switch (cairn_tag(node)) {
  case NUMBER:
    return value_of(node);
  case VARIABLE:
    return x;
  case ADD:
    return evaluate(node->left, x) + evaluate(node->right, x);
  default:
    return evaluate(node->left, x) * evaluate(node->right, x);
  }
}

int main(void) {
  /* (x + 3) * (x * x + 1) */
  struct node *x = leaf(VARIABLE, 'x');
  struct node *e = binary(MULTIPLY, binary(ADD, keep(x), leaf(NUMBER, 3)),
                          binary(ADD, binary(MULTIPLY, keep(x), keep(x)), leaf(NUMBER, 1)));
  cairn_decref(x);
  for (int order = 0; order < 5; ++order) {
    printf("%ld %ld: ", evaluate(e, 2), evaluate(e, -5));
    print(e);
    printf("\n");
    struct node *next = simplify(derive(e));
    cairn_decref(e);
    e = next;
  }

  /* The tag does not disturb the count or the shape. */
  cairn_incref(e);
  cairn_set_tag(e, 255);
  printf("tag %d, count %d\n", cairn_tag(e), (int)cairn_refcount(e));
  cairn_decref(e);
  cairn_decref(e);
  char *bytes = cairn_alloc_bytes(5);
  cairn_set_tag(bytes, 9);
  printf("bytes: tag %d, length %zu\n", cairn_tag(bytes), cairn_length(bytes));
  cairn_decref(bytes);
  return 0;
}
