/** A proxy as people write it in Node: @fastify/reply-from before the endpoints, in turn. Says where it listens. */
import replyFrom from '@fastify/reply-from';
import { fastify } from 'fastify';

const ports = process.argv.slice(2);
const proxy = fastify();
// Its own pools, as undici's advice has it for proxies: no pipelining, keep-alive.
proxy.register(replyFrom, { undici: { connections: 64, pipelining: 1, keepAliveTimeout: 600_000 } });
let next = 0;
proxy.get('/', (_, reply) => {
  next = (next + 1) % ports.length;
  return reply.from(`http://127.0.0.1:${ports[next]}/`);
});
const url = await proxy.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ http1: [Number(new URL(url).port)] });
process.on('disconnect', () => process.exit());
