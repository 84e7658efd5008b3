/** Called once when a server process starts. Node code stands next door: this file is compiled for the edge as well. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] === "nodejs") (await import("./instrumentation-node.ts")).start();
}
