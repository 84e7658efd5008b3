import { readdirSync, readFileSync } from "node:fs";
import { parseModule } from "./parse.ts";
import type { Module } from "./syntax.ts";

const folder = new URL("../modules/", import.meta.url);

export const kitTexts = (): [name: string, text: string][] => readdirSync(folder).filter((file) => file.endsWith(".bsl")).sort().map((file) => [file.replace(/\.bsl$/, ""), readFileSync(new URL(file, folder), "utf8")]);

export const kitModules = (): Module[] => kitTexts().map(([name, text]) => parseModule(name, text));
