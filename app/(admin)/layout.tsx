import type { ReactNode } from "react";
import "./admin.css";
import { interClass } from "./fonts.ts";

export default function StaffLayout({ children }: { children: ReactNode }) {
  return <div className={`admin min-h-dvh text-body ${interClass}`}>{children}</div>;
}
