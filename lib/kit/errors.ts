/** Expected failures of a verb (style.md 5). `message` is Russian and safe to show; `details` are strings for machines. */
export type ErrorCode = "not_found" | "conflict" | "invalid" | "forbidden" | "unavailable" | "too_many";

export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, string>;
  constructor(code: ErrorCode, message: string, details: Record<string, string> = {}) {
    super(message);
    this.name = "DomainError";
    this.code = code;
    this.details = details;
  }
}

export const notFound = (message: string) => new DomainError("not_found", message);
export const conflict = (message: string, details?: Record<string, string>) => new DomainError("conflict", message, details);
export const invalid = (message: string, details?: Record<string, string>) => new DomainError("invalid", message, details);
export const forbidden = (message = "У вас нет права на это действие") => new DomainError("forbidden", message);

/** HTTP status of an expected failure. */
export const httpStatusOf: Record<ErrorCode, number> = {
  not_found: 404,
  conflict: 409,
  invalid: 422,
  forbidden: 403,
  unavailable: 503,
  too_many: 429,
};
