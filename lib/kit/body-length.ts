/**
 * Next takes `content-length` off every answer of a route and sends it in pieces (`next/dist/server/send-response.js`). The same number under this
 * name passes; `keepLengths` of the server turns it back, and it never leaves the process.
 */
export const BODY_LENGTH = "x-body-length";

/** Headers of an answer whose length is known: it goes out whole, with its exact `content-length`. */
export const lengthHeaders = (bytes: number): Record<string, string> => ({ "content-length": String(bytes), [BODY_LENGTH]: String(bytes) });
