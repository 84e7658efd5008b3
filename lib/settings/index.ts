export { defaults, readSetting } from "./defaults.ts";
export type { SettingKey } from "./defaults.ts";
