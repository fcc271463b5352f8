import type { Socket } from 'node:net';

/**
 * Cut a connection off at once, with a reset where somebody is there to see it. One that we have said goodbye on already (its
 * caller had left) is only closed: libuv does not reset what is being shut down, and Node then forgets the handle and never closes it.
 */
export function resetConnection(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
