import diagnostics from "node:diagnostics_channel";
import type { ServerResponse } from "node:http";
import { BODY_LENGTH } from "./body-length.ts";

/**
 * Gives every answer of this process its `content-length` back (see `BODY_LENGTH`). Next has no place for that, so it is done where Node itself
 * shows a response before anybody uses it. An answer that is compressed on the way has another length and goes in pieces.
 */
export function keepLengths(): void {
  diagnostics.subscribe("http.server.request.start", (message) => {
    const { response } = message as { response: ServerResponse };
    const writeHead = response.writeHead.bind(response) as (...given: unknown[]) => ServerResponse;
    response.writeHead = ((...given: unknown[]) => {
      const length = response.getHeader(BODY_LENGTH);
      if (length !== undefined) {
        response.removeHeader(BODY_LENGTH);
        if (response.getHeader("content-encoding") === undefined) response.setHeader("content-length", length);
      }
      return writeHead(...given);
    }) as ServerResponse["writeHead"];
  });
}
