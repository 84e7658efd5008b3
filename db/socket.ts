/** The sockets under the pool. */
import net from "node:net";

/** What postgres.js has read from the address: several servers may be named. */
type Addresses = { host: string[]; port: number[]; path?: string };

/**
 * Makes sockets that send each piece at once. postgres.js leaves Nagle's algorithm on: rows of a COPY then wait 40 ms for the server's
 * late acknowledgement, once for each table (an order file of one order took 180 ms).
 */
export function eagerSockets(): (addresses: Addresses) => net.Socket {
  let next = 0;
  return ({ host, port, path }) => {
    if (path) return net.connect({ path });
    const at = next++ % host.length;
    // What is written before it is connected waits; a failed connection is told by the socket's own error. The name is for TLS.
    return Object.assign(net.connect({ host: host[at]!, port: port[at]!, noDelay: true }), { host: host[at] });
  };
}
