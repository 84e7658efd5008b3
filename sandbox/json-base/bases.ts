import { readdirSync } from "node:fs";
import { join } from "node:path";
import { secretsOfBase } from "../core/secrets.ts";
import { openSnapshot, type Snapshot } from "../core/snapshot.ts";
import type { World } from "../core/world.ts";
import { createJsonBase, type JsonBase } from "./engine.ts";
import { freshJsonBase, type JsonBaseState } from "./state.ts";

/** Letters and digits, so that a name may stand in an address and in a file name. */
const NAME = /^[a-z][a-z0-9-]{0,30}$/;
const BASES_MAX = 50;

/** Every 1C base of this kind, each with books, clock and secrets of its own. */
export type JsonBases = {
  list(): JsonBase[];
  find(name: string): JsonBase | null;
  /** Opens a base that is not there yet. */
  add(name: string, title: string, prefix: string, siteUrl: string): JsonBase;
  resume(): void;
  flush(): void;
};

export function openJsonBases(world: World): JsonBases {
  const open = new Map<string, { base: JsonBase; snapshot: Snapshot<JsonBaseState> }>();

  function openBase(name: string, title: string, prefix: string): JsonBase {
    const snapshot = openSnapshot(join(world.dataDir, `json-${name}.json`), () => freshJsonBase(title, prefix));
    const base = createJsonBase(world, name, snapshot.state, () => secretsOfBase(world.dataDir, world.secrets, name), snapshot.touch);
    open.set(name, { base, snapshot });
    return base;
  }

  for (const file of readdirSync(world.dataDir)) {
    const name = /^json-(.+)\.json$/.exec(file)?.[1];
    if (name && NAME.test(name)) openBase(name, name, "");
  }

  const bases: JsonBases = {
    list: () => [...open.values()].map(({ base }) => base),
    find: (name) => open.get(name)?.base ?? null,
    add(name, title, prefix, siteUrl) {
      const known = bases.find(name);
      if (known) return known;
      if (!NAME.test(name)) throw new SyntaxError("name: lower case Latin letters, digits and hyphens");
      if (open.size >= BASES_MAX) throw new SyntaxError(`more than ${BASES_MAX} bases`);
      const base = openBase(name, title, prefix);
      if (base.state.settings.siteUrl === "") base.state.settings.siteUrl = siteUrl;
      secretsOfBase(world.dataDir, world.secrets, name);
      base.touch();
      return base;
    },
    resume: () => bases.list().forEach((base) => base.reschedule()),
    flush: () => open.forEach(({ snapshot }) => snapshot.flush()),
  };
  return bases;
}
