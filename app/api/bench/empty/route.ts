/** The floor that benchmarks measure doors against: what the framework itself costs. */
const isOn = process.env["KOPEYKA_BENCH"] === "1";

export function POST(): Response {
  return new Response(null, { status: isOn ? 204 : 404 });
}
export const GET = POST;
