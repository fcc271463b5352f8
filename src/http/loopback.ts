/** Listening, on this machine only. */
import type { Server } from 'node:net';

/** Nothing of ours listens anywhere else. */
export const LOOPBACK = '127.0.0.1';

/** Connections that may wait to be accepted; the system's own limit may be lower. */
const BACKLOG = 4096;

/** Where it came to listen, or the code of the error that kept it from it. */
export type Listening = { readonly port: number; readonly code?: never } | { readonly code: string; readonly port?: never };

/** @param port  0 leaves the choice to the system */
export function listenOnce(server: Server, port: number): Promise<Listening> {
  return new Promise((resolve) => {
    const failed = ({ code, message }: NodeJS.ErrnoException): void => {
      server.off('listening', listening);
      resolve({ code: code ?? message });
    };
    const listening = (): void => {
      server.off('error', failed);
      const address = server.address();
      resolve({ port: typeof address === 'object' && address !== null ? address.port : port });
    };
    server.once('error', failed);
    server.once('listening', listening);
    server.listen({ host: LOOPBACK, port, backlog: BACKLOG, exclusive: true });
  });
}

/** Why nobody may listen there, in words. */
export function refusalOf(code: string): string {
  switch (code) {
    case 'EADDRINUSE': return 'another program does';
    case 'EACCES': return 'permission denied';
    case 'EMFILE': return 'too many open files; raise the limit (`ulimit -n`)';
    default: return code;
  }
}
