/** OpenAPI 3.1 out of the table of calls and the very schemas that the door checks with. Pure. */
import { z } from "zod";
import { appVersion } from "@/lib/version.ts";
import { ErrorAnswer, errorAnswer, statusWords } from "./errors.ts";
import type { Operation } from "./operation.ts";
import { operations } from "./operations.ts";

type Json = Record<string, unknown>;

/** Errors that any call can end with. */
export const commonErrors = [401, 403, 429, 500, 503];
/** What a body can end with before anybody looks into it. */
const bodyErrors = [413, 415];
export const errorsOf = ({ errors, body }: Operation): number[] => [...new Set([...commonErrors, ...(body ? bodyErrors : []), ...errors])].toSorted((a, b) => a - b);

const errorExample = (status: number): ErrorAnswer => errorAnswer(status, statusWords[status]!.text, "019aa6c0-0b1e-7c11-8f10-2d4411f18f10", status === 400 ? { line: 12, position: 7 } : {});

/** `server`: where this installation answers. */
export function openApi(server: string): Json {
  const schemas: Json = {};
  const ref = (schema: z.ZodType, io: "input" | "output"): Json => {
    const { $defs, $schema: _dialect, ...root } = z.toJSONSchema(schema, { io, target: "draft-2020-12" }) as { $defs?: Record<string, Json>; $schema?: string } & Json;
    for (const [name, definition] of Object.entries($defs ?? {})) schemas[name] = moved(definition);
    const name = schema.meta()?.id;
    if (name === undefined) return moved(root) as Json;
    // A schema with a name stands among its own parts already.
    if (root["$ref"] === undefined) schemas[name] = moved(root);
    return { $ref: `#/components/schemas/${name}` };
  };
  const error = ref(ErrorAnswer, "output");
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    const { path, method, id, title, description, body, answer, answerExample } = operation;
    (paths[path] ??= {})[method.toLowerCase()] = {
      operationId: id,
      summary: title,
      description,
      parameters: parametersOf(operation),
      ...(body && { requestBody: body.kind === "json" ? { required: true, content: { "application/json": { schema: ref(body.schema, "input"), example: body.example } } } : { required: true, description: body.description, content: Object.fromEntries(body.mimes.map((mime) => [mime, {}])) } }),
      responses: {
        200: answer ? { description: "Успех", content: { "application/json": { schema: ref(answer, "output"), example: answerExample } } } : { description: "Файл", content: { "application/pdf": {}, "application/xml": {}, "image/png": {} } },
        ...Object.fromEntries(errorsOf(operation).map((status) => [status, { description: statusWords[status]!.text, content: { "application/json": { schema: error, example: errorExample(status) } } }])),
      },
    };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Копейка: обмен с 1С по JSON", version: appVersion, description: `Читаемая страница: ${server}/docs` },
    servers: [{ url: server }],
    security: [{ basic: [] }, { bearer: [] }],
    paths,
    components: {
      securitySchemes: { basic: { type: "http", scheme: "basic", description: "Логин и пароль базы." }, bearer: { type: "http", scheme: "bearer", description: "Токен базы вместо пары." } },
      schemas,
    },
  };
}

function parametersOf({ params, query }: Operation): Json[] {
  return [
    ...Object.entries(params).map(([name, description]) => ({ name, in: "path", required: true, description, schema: { type: "string" } })),
    ...Object.entries(query).map(([name, { description, required = false, example }]) => ({ name, in: "query", required, description, schema: { type: "string" }, ...(example !== undefined && { example }) })),
  ];
}

/** JSON Schema keeps its parts under `$defs`, OpenAPI under `components`. */
function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, inner]): [string, unknown][] => (key === "id" && typeof inner === "string" ? [] : [[key, key === "$ref" && typeof inner === "string" ? inner.replace("#/$defs/", "#/components/schemas/") : moved(inner)]])));
}
