import { contentDisposition, fileNamePart } from "@/lib/kit/content-disposition.ts";

/** INV-4: `Счет_УТ00-000815_2026-11-16.pdf`. */
export const invoiceFileName = ({ number, date }: { number: string; date: string }): string => `Счет_${fileNamePart(number)}_${date}.pdf`;

/** The header of the download. */
export const invoiceDisposition = (invoice: { number: string; date: string }, disposition: "inline" | "attachment" = "attachment"): string => contentDisposition(invoiceFileName(invoice), disposition);
