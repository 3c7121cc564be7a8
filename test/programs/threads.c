/*===- threads.c - Objects and blocks that change hands between threads ------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A tree is shared before the workers see it; each holds and gives back counts of
 * its nodes. Workers hand blocks and lists to the next worker, who frees them. One
 * object outlives the thread that made it.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORKERS = 4, ROUNDS = 20000, ROOM = 64 };

struct node {
  struct node *left, *right;
  uint64_t value;
};
CAIRN_TYPE(node_type, struct node, left, right);

static struct node *tree_of(unsigned depth, uint64_t value) {
  struct node *node = cairn_alloc(&node_type);
  node->value = value;
  if (depth) {
    node->left = tree_of(depth - 1, value * 2);
    node->right = tree_of(depth - 1, value * 2 + 1);
  }
  return node;
}

/* A queue of pointers from one worker to the next. */
struct queue {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  void *items[ROOM];
  unsigned head, tail;
};

static void push(struct queue *queue, void *item) {
  pthread_mutex_lock(&queue->lock);
  while (queue->tail - queue->head == ROOM)
    pthread_cond_wait(&queue->changed, &queue->lock);
  queue->items[queue->tail++ % ROOM] = item;
  pthread_cond_broadcast(&queue->changed);
  pthread_mutex_unlock(&queue->lock);
}
static void *pop(struct queue *queue) {
  pthread_mutex_lock(&queue->lock);
  while (queue->tail == queue->head)
    pthread_cond_wait(&queue->changed, &queue->lock);
  void *item = queue->items[queue->head++ % ROOM];
  pthread_cond_broadcast(&queue->changed);
  pthread_mutex_unlock(&queue->lock);
  return item;
}

static struct queue blocks[WORKERS], lists[WORKERS];

struct worker {
  pthread_t thread;
  unsigned id;
  struct node *tree;  /* owned once by the worker */
  struct node *relic; /* what it leaves behind */
  uint64_t sum;
};

/* Walks down a path of the shared tree, holding each node while it looks at it. */
static uint64_t descend(struct node *tree, unsigned path) {
  uint64_t sum = 0;
  cairn_incref(tree);
  while (tree) {
    sum += tree->value;
    struct node *child = path & 1 ? tree->left : tree->right;
    cairn_incref(child);
    cairn_decref(tree);
    tree = child;
    path >>= 1;
  }
  return sum;
}

/* A short list, shared before it is handed over. */
static struct node *list_of(unsigned n) {
  struct node *list = NULL;
  while (n--) {
    struct node *node = cairn_alloc(&node_type);
    node->left = list;
    node->value = n;
    list = node;
  }
  cairn_share(list);
  return list;
}

static void *work(void *argument) {
  struct worker *worker = argument;
  unsigned to = (worker->id + 1) % WORKERS;
  for (unsigned i = 0; i < ROUNDS; ++i) {
    worker->sum += descend(worker->tree, i * 2654435761u);
    uint64_t *block = cairn_malloc(16 + i % 500);
    *block = i;
    push(&blocks[to], block);
    block = pop(&blocks[worker->id]);
    worker->sum += *block;
    if (i % 2)
      cairn_free(block);
    else
      cairn_free_sized(block, 16 + i % 500);
    if (i % 16 == 0) {
      push(&lists[to], list_of(i % 23 + 1));
      struct node *list = pop(&lists[worker->id]);
      for (struct node *at = list; at; at = at->left)
        worker->sum += at->value;
      cairn_decref(list);
    }
  }
  cairn_decref(worker->tree);
  worker->relic = tree_of(3, worker->id + 1);
  cairn_share(worker->relic);
  return NULL;
}

int main(void) {
  struct node *tree = tree_of(10, 1);
  cairn_share(tree);
  static struct worker workers[WORKERS];
  for (unsigned i = 0; i < WORKERS; ++i) {
    pthread_mutex_init(&blocks[i].lock, NULL);
    pthread_cond_init(&blocks[i].changed, NULL);
    pthread_mutex_init(&lists[i].lock, NULL);
    pthread_cond_init(&lists[i].changed, NULL);
  }
  for (unsigned i = 0; i < WORKERS; ++i) {
    cairn_incref(tree);
    workers[i].tree = tree;
    workers[i].id = i;
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) {
      printf("no thread\n");
      return 1;
    }
  }
  cairn_decref(tree);
  for (unsigned i = 0; i < WORKERS; ++i)
    pthread_join(workers[i].thread, NULL);
  for (unsigned i = 0; i < WORKERS; ++i) {
    struct node *relic = workers[i].relic;
    printf("worker %u: sum %" PRIu64 ", left %" PRIu64 " %" PRIu64 "\n", i, workers[i].sum,
           relic->value, relic->left->right->left->value);
    cairn_decref(relic);
  }
  return 0;
}
