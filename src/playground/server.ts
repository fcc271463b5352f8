/** The live page at an address of this machine. */
import { refusalTo } from '../http/guard.ts';
import { LocalServer } from '../http/local-server.ts';

/** @throws MeshError when nobody may listen at the port */
export async function servePage(page: string, port: number): Promise<LocalServer> {
  const body = Buffer.from(page);
  const server = new LocalServer('the live page', ({ headers, method, url }, response) => {
    // So that no name of somebody else's leads here.
    const refusal = refusalTo('GET', headers, server.port);
    const status = refusal !== null ? refusal.status : url !== '/' ? 404 : method !== 'GET' && method !== 'HEAD' ? 405 : 200;
    const isPage = status === 200;
    const answer = isPage ? body : Buffer.from(`${refusal?.error ?? (status === 404 ? 'there is one page here, at /' : 'the page can be read, and nothing else')}\n`);
    response.writeHead(status, { 'content-type': isPage ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8', 'content-length': answer.length, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    response.end(method === 'HEAD' ? undefined : answer);
  });
  await server.listen(port);
  return server;
}
