// Loaded into firebase-tools before it starts (node --require).
//
// Cloud Tasks dispatches a task when its scheduleTime has come; the Tasks emulator at once. A search
// among published media that waits for ten minutes runs hundreds of times instead, and keeps the
// processor from everything else. With this the emulator waits as well.
"use strict";

const { TaskQueue } = require(
  `${__dirname}/../../node_modules/firebase-tools/lib/emulator/taskQueue.js`,
);
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const enqueue = TaskQueue.prototype.enqueue;
TaskQueue.prototype.enqueue = function (task) {
  const wait = Date.parse(task.scheduleTime ?? "") - Date.now();
  if (!(wait > 0)) return enqueue.call(this, task);
  setTimeout(() => enqueue.call(this, task), Math.min(wait, LONGEST_TIMER_MS)).unref();
};
