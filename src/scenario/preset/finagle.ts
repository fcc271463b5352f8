/** A Finagle client with nothing configured. Sources are files of twitter/finagle, finagle-core/src/main/scala/com/twitter/finagle/ left out (4feb34c). */
import type { Preset } from './preset.ts';

export const finagle: Preset = {
  doc: 'a client with nothing configured',
  copies: 'Finagle 24.8 (revision 4feb34c)',
  sets: {
    // loadbalancer/flags.scala: defaultBalancer "choice", loadMetric "leastReq"; p2c/P2CPick.scala: two different nodes
    loadBalancer: { type: 'leastRequest', choices: 2, sampling: 'distinct' },
    timeout: 'none', // service/TimeoutFilter.scala, Param: Duration.Top
    deadline: 'propagate', // context/Deadline.scala: sent on with each request
    retries: {
      // service/Retries.scala: requeues of what was certainly not served; a request may use a fifth of the balance, 20 of 100 at the start
      attempts: 20,
      on: ['connectFailure'],
      backoff: { base: 0, jitter: 'none' }, // ibid., Budget.emptyBackoffSchedule
      budget: { ratio: '20%', minPerSecond: 10, ttl: '10s' }, // service/RetryBudget.scala, apply()
    },
    connectionPool: {
      // client/DefaultPool.scala: high and maxWaiters Int.MaxValue, idleTime without end
      maxConnections: 'unlimited',
      maxPendingRequests: 'unlimited',
      maxRequests: 'unlimited',
      maxRetries: 'unlimited',
      connectTimeout: '1s', // client/Transporter.scala, ConnectTimeout
      idleTimeout: 'none',
      maxRequestsPerConnection: 'unlimited',
      protocol: 'http1',
    },
    // liveness/FailureAccrualFactory.scala, defaultPolicy: 80 % over 30 s or 5 failures in a row, then 5 s to 300 s; the options' own defaults
    failureAccrual: { finagle: {} },
    panicThreshold: '1%', // loadbalancer/PanicMode.scala: with no live node in sight a dead one is picked; the threshold counts in whole percent
  },
  differences: [
    'A request may use a fifth of the present balance of the budget for its requeues; here 20 always.',
    'Ties go to a random one of the two nodes, in Finagle to the first drawn.',
    'Rejections that a server marks as safe to repeat (nacks) are not modelled.',
    'A connection that cannot be opened fails all who wait for one to that endpoint, as in Envoy; in Finagle each waits for its own.',
    'Finagle also marks a node dead at the first connection that fails (its fail-fast module) and tries to connect by itself until it is back; here failures to connect count for the accrual.',
    'Finagle draws four pairs of nodes in search of a live one and takes what the fifth brings, so it may pick a dead one while others are alive; here only when all are dead.',
  ],
};
