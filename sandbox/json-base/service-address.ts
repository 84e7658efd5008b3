import type { JsonBase } from "./engine.ts";

/** `https://host/base/hs/<root>/<template>`, as 1C publishes an HTTP-сервис. */
export const servicePath = (name: string): string => `/${name}/hs/kopeyka/events`;
export const serviceAddress = (base: JsonBase): string => `${base.world.baseUrl}${servicePath(base.name)}`;

/** Name of the base that a call to an HTTP-сервис is for. */
export const baseOfService = (path: string): string | null => /^\/([a-z0-9-]+)\/hs\/kopeyka\/events\/?$/.exec(path)?.[1] ?? null;
