export { describeSchemas, nameOf } from "./describe-schemas.ts";
export type { FieldView, SchemaView } from "./describe-schemas.ts";
export { jsonDoor, PREFIX } from "./door.ts";
export { statusWords } from "./errors.ts";
export { commonErrors, errorsOf, openApi } from "./openapi.ts";
export type { Operation } from "./operation.ts";
export { operations } from "./operations.ts";
export { problemCodes } from "./problems.ts";
