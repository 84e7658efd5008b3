export { enqueueWith, jobWriteWith, startSender } from "./enqueue.ts";
export type { Enqueue, JobWrite } from "./enqueue.ts";
export { ensureQueues, queueNames, queues } from "./queues.ts";
export type { JobData, QueueName } from "./queues.ts";
export { startWorking } from "./work.ts";
export type { Handlers } from "./work.ts";
