import type { ReactNode } from "react";

/** Icons of the customer pages, drawn on the server: lucide's component would cost every buyer some kilobytes of script. */
const icon = (path: ReactNode, name: string) =>
  function Icon({ size = 16 }: { size?: number }) {
    return (
      <svg data-icon={name} width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" className="shrink-0">
        {path}
      </svg>
    );
  };

export const ClockIcon = icon(<><circle cx="12" cy="12" r="9" /><path d="M12 7v5l3 2" /></>, "clock");
export const CheckIcon = icon(<path d="m5 12.5 4.5 4.5L19 7.5" />, "check");
export const AlertIcon = icon(<><circle cx="12" cy="12" r="9" /><path d="M12 7.5v5M12 16.2v.1" /></>, "alert");
export const InfoIcon = icon(<><circle cx="12" cy="12" r="9" /><path d="M12 11v5.5M12 7.7v.1" /></>, "info");
export const ChevronIcon = icon(<path d="m6 9 6 6 6-6" />, "chevron");
export const DownloadIcon = icon(<path d="M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 20h14" />, "download");
