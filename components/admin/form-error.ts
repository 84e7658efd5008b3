"use client";
import { createContext } from "react";

/** Which field the last answer of a form found fault with, and why. */
export const FormError = createContext<{ field: string; message: string } | null>(null);
