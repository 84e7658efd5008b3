/** Orange Data's numbers for our names. They differ from FFD's own codes; `tax` also from its `vatNSum` (orange-data.md 9). */
import type { ReceiptKind, TaxSystem } from "@/lib/fiscal/cash-register.ts";
import type { VatRate } from "@/lib/kit/vat.ts";

export const typeCodes: Record<ReceiptKind, number> = { income: 1, income_return: 2, income_correction: 1, income_return_correction: 2 };

/** An index, not a bit. */
export const taxSystemCodes: Record<TaxSystem, number> = { osn: 0, usn_income: 1, usn_income_outcome: 2, esn: 4, patent: 5 };

/** Since 2026 code 1 is read as 22 % and 3 as 22/122 (second-hand); `useTax20` asks for 20 % in the whole receipt. */
export const taxCodes: Record<VatRate, { tax: number; tax20?: boolean }> = {
  vat22: { tax: 1, tax20: false }, vat22_122: { tax: 3, tax20: false }, vat20: { tax: 1, tax20: true }, vat20_120: { tax: 3, tax20: true },
  vat10: { tax: 2 }, vat10_110: { tax: 4 }, vat0: { tax: 5 }, none: { tax: 6 }, vat5: { tax: 7 }, vat7: { tax: 8 }, vat5_105: { tax: 9 }, vat7_107: { tax: 10 },
};

export const paymentCodes = { cash: 1, electronic: 2, prepaid: 14, credit: 15 } as const;

export const ffdCodes = { "1.05": 2, "1.2": 4 } as const;

/** Tag 2003: what becomes of a marked piece. */
export const plannedStatusCodes = { sold: 1, returned: 3 } as const;

/** The member of a FFD 1.05 correction that takes a rate's sum; its numbering is not that of `tax` (orange-data.md 5.2). */
export const correctionSumCodes: Record<VatRate, string> = {
  vat22: "tax1Sum", vat20: "tax1Sum", vat10: "tax2Sum", vat0: "tax3Sum", none: "tax4Sum", vat22_122: "tax5Sum", vat20_120: "tax5Sum", vat10_110: "tax6Sum",
  vat5: "tax7Sum", vat7: "tax8Sum", vat5_105: "tax9Sum", vat7_107: "tax10Sum",
};
