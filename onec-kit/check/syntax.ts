/** What a module of the 1C language consists of. */
export type Expression =
  | { kind: "value"; value: string | number | boolean | null | undefined }
  | { kind: "date"; text: string }
  | { kind: "name"; name: string; line: number }
  | { kind: "member"; of: Expression; name: string; line: number }
  | { kind: "index"; of: Expression; at: Expression }
  | { kind: "call"; of: Expression; args: (Expression | null)[]; line: number }
  | { kind: "new"; type: string | null; args: (Expression | null)[]; line: number }
  | { kind: "unary"; sign: string; of: Expression }
  | { kind: "binary"; sign: string; left: Expression; right: Expression; line: number }
  | { kind: "choice"; when: Expression; yes: Expression; otherwise: Expression };

export type Statement =
  | { kind: "expression"; of: Expression; line: number }
  | { kind: "assign"; to: Expression; value: Expression; line: number }
  | { kind: "if"; branches: { when: Expression; body: Statement[] }[]; otherwise: Statement[] }
  | { kind: "while"; when: Expression; body: Statement[] }
  | { kind: "each"; name: string; of: Expression; body: Statement[] }
  | { kind: "count"; name: string; from: Expression; to: Expression; body: Statement[] }
  | { kind: "try"; body: Statement[]; caught: Statement[] }
  | { kind: "return"; value: Expression | null; line: number }
  | { kind: "raise"; value: Expression | null; line: number }
  | { kind: "execute"; value: Expression; line: number }
  | { kind: "break" | "continue" };

export type Method = { name: string; isFunction: boolean; isExported: boolean; params: { name: string; fallback: Expression | null }[]; body: Statement[]; line: number };
export type Module = { name: string; methods: Method[] };
