/** Clients of PostgreSQL and the sockets under them. */
import net from "node:net";
import postgres from "postgres";

/** What postgres.js has read from the address: several servers may be named. */
type Addresses = { host: string[]; port: number[]; path?: string };

/**
 * A client of this address, with postgres.js's own options. PostgreSQL's form for a server of the same machine is understood too,
 * `…@localhost:5432/name?host=/var/run/postgresql`.
 */
export const openClient = ((address: string, options: object = {}) => {
  const { url, file } = withoutSocketFile(address);
  return postgres(url, { socket: eagerSockets(file), ...options } as object);
}) as unknown as typeof postgres;

/** postgres.js would send `host` and `port` to the server as settings, and wants a host before them. The file is null for an address of the network. */
function withoutSocketFile(address: string): { url: string; file: string | null } {
  const at = address.indexOf("?");
  const parameters = new URLSearchParams(at < 0 ? "" : address.slice(at + 1));
  const folder = parameters.get("host");
  if (!folder?.startsWith("/")) return { url: address, file: null };
  const named = address.slice(0, at).replace(/^([a-z]+:\/\/(?:[^/@]*@)?)(?=\/)/, "$1localhost");
  const port = parameters.get("port") ?? (URL.canParse(named) && new URL(named).port ? new URL(named).port : "5432");
  for (const read of ["host", "port"]) parameters.delete(read);
  return { url: `${named}${parameters.size > 0 ? `?${parameters.toString()}` : ""}`, file: `${folder}/.s.PGSQL.${port}` };
}

/**
 * Makes sockets that send each piece at once. postgres.js leaves Nagle's algorithm on: rows of a COPY then wait 40 ms for the server's
 * late acknowledgement, once for each table (an order file of one order took 180 ms). With a file they go through PostgreSQL's socket: a fifth
 * less for each question than by the network of the same machine.
 */
function eagerSockets(file: string | null): (addresses: Addresses) => net.Socket {
  let next = 0;
  return ({ host, port, path }) => {
    if (path) return net.connect({ path });
    if (file !== null) return net.connect({ path: file });
    const at = next++ % host.length;
    // What is written before it is connected waits; a failed connection is told by the socket's own error. The name is for TLS.
    return Object.assign(net.connect({ host: host[at]!, port: port[at]!, noDelay: true }), { host: host[at] });
  };
}
