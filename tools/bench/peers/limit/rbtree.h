/*===- rbtree.h - Red-black trees, counted by hand --------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A node without other owners is changed in place. From the first one with other
 * owners on, the path of an insertion is copied, and counts only what lies beside it.
 * KEY is the type of keys.
 *
 *===------------------------------------------------------------------------===*/
#ifndef RBTREE_H
#define RBTREE_H

#include "counted.h"

enum { Red, Black };
typedef struct node node; /* NULL is a leaf */
struct node {
  header head;
  node *left, *right;
  KEY key;
  uint8_t colour;
  bool value;
};

INLINE bool is_red(const node *t) { return t && t->colour == Red; }

INLINE node *make(uint8_t colour, node *left, KEY key, bool value, node *right) {
  node *t = cairn_malloc(sizeof *t);
  t->head = (header){1, 0};
  t->left = left;
  t->right = right;
  t->key = key;
  t->colour = colour;
  t->value = value;
  return t;
}

INLINE node *retain(node *t) {
  if (t)
    ++t->head.count;
  return t;
}

/* Of a node whose last count is gone. */
APART void free_tree(node *t) {
  for (;;) {
    node *left = t->left, *right = t->right;
    cairn_free_sized(t, sizeof *t);
    if (left) {
      if (has_other_owners(&left->head))
        --left->head.count;
      else
        free_tree(left);
    }
    if (!right)
      return;
    if (has_other_owners(&right->head)) {
      --right->head.count;
      return;
    }
    t = right;
  }
}

INLINE void release(node *t) {
  if (!t)
    return;
  if (has_other_owners(&t->head))
    --t->head.count;
  else
    free_tree(t);
}

COLD node *copy(node *t) {
  --t->head.count;
  return make(t->colour, retain(t->left), t->key, t->value, retain(t->right));
}
/* The node, or a copy that has no other owners. */
INLINE node *own(node *t) { return UNLIKELY(has_other_owners(&t->head)) ? copy(t) : t; }

/* t is black and has no other owners; `below` is to be its left side. */
INLINE node *balance_left(node *below, node *t) {
  below = own(below);
  if (is_red(below->left)) {
    node *x = own(below->left);
    x->colour = Black;
    t->left = below->right;
    below->left = x;
    below->right = t;
    below->colour = Red;
    return below;
  }
  if (is_red(below->right)) {
    node *y = own(below->right);
    below->right = y->left;
    below->colour = Black;
    t->left = y->right;
    y->left = below;
    y->right = t;
    y->colour = Red;
    return y;
  }
  below->colour = Red;
  t->left = below;
  return t;
}

INLINE node *balance_right(node *below, node *t) {
  below = own(below);
  if (is_red(below->left)) {
    node *x = own(below->left);
    t->right = x->left;
    below->left = x->right;
    below->colour = Black;
    x->left = t;
    x->right = below;
    x->colour = Red;
    return x;
  }
  if (is_red(below->right)) {
    node *y = own(below->right);
    y->colour = Black;
    t->right = below->left;
    below->left = t;
    below->right = y;
    below->colour = Red;
    return below;
  }
  below->colour = Red;
  t->right = below;
  return t;
}

/* Others keep t: copies the path, and retains what lies beside it. */
APART node *insert_into_copy(const node *t, KEY key, bool value) {
  node *result, **place = &result;
  while (t) {
    if (key < t->key) {
      node *n = make(t->colour, NULL, t->key, t->value, retain(t->right));
      if (t->colour == Black && is_red(t->left)) {
        *place = balance_left(insert_into_copy(t->left, key, value), n);
        return result;
      }
      *place = n;
      place = &n->left;
      t = t->left;
    } else if (key > t->key) {
      node *n = make(t->colour, retain(t->left), t->key, t->value, NULL);
      if (t->colour == Black && is_red(t->right)) {
        *place = balance_right(insert_into_copy(t->right, key, value), n);
        return result;
      }
      *place = n;
      place = &n->right;
      t = t->right;
    } else {
      *place = make(t->colour, retain(t->left), key, value, retain(t->right));
      return result;
    }
  }
  *place = make(Red, NULL, key, value, NULL);
  return result;
}
INLINE node *insert_into_shared(node *t, KEY key, bool value) {
  node *result = insert_into_copy(t, key, value);
  --t->head.count;
  return result;
}

APART node *insert_into_red(node *t, KEY key, bool value);

/* t is black, and *place is where the result belongs. */
INLINE void insert_below_black(node **place, node *t, KEY key, bool value) {
  for (;;) {
    if (UNLIKELY(has_other_owners(&t->head))) {
      *place = insert_into_shared(t, key, value);
      return;
    }
    if (key < t->key) {
      node *below = t->left;
      if (is_red(below)) {
        *place = balance_left(insert_into_red(below, key, value), t);
        return;
      }
      place = &t->left;
      t = below;
    } else if (key > t->key) {
      node *below = t->right;
      if (is_red(below)) {
        *place = balance_right(insert_into_red(below, key, value), t);
        return;
      }
      place = &t->right;
      t = below;
    } else {
      t->value = value;
      return;
    }
    if (!t) {
      *place = make(Red, NULL, key, value, NULL);
      return;
    }
  }
}
APART node *insert_into_black(node *t, KEY key, bool value) {
  node *result = t;
  insert_below_black(&result, t, key, value);
  return result;
}
APART node *insert_into_red(node *t, KEY key, bool value) {
  node *result = t, **place = &result;
  do {
    if (UNLIKELY(has_other_owners(&t->head))) {
      *place = insert_into_shared(t, key, value);
      return result;
    }
    if (key < t->key) {
      place = &t->left;
    } else if (key > t->key) {
      place = &t->right;
    } else {
      t->value = value;
      return result;
    }
    t = *place;
    if (!t) {
      *place = make(Red, NULL, key, value, NULL);
      return result;
    }
  } while (t->colour == Red);
  insert_below_black(place, t, key, value);
  return result;
}

INLINE node *insert_below(node *t, KEY key, bool value) {
  if (!t)
    return make(Red, NULL, key, value, NULL);
  return t->colour == Red ? insert_into_red(t, key, value) : insert_into_black(t, key, value);
}

INLINE node *set_black(node *t) {
  t = own(t);
  t->colour = Black;
  return t;
}

/* How many values are true. Releases nodes on the way. */
APART int64_t count_true(node *t, int64_t before) {
  while (t) {
    node *left = t->left, *right = t->right;
    bool value = t->value;
    if (has_other_owners(&t->head)) {
      retain(left);
      retain(right);
      --t->head.count;
    } else {
      cairn_free_sized(t, sizeof *t);
    }
    before = count_true(left, before);
    before += value;
    t = right;
  }
  return before;
}

#endif /* RBTREE_H */
